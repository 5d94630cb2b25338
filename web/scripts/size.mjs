// Fails if the scripts of the first load are too large: the entry, and what it imports statically.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT = 120 * 1024
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
// The first view is a route of its own: sign-in for a stranger, the documents for everybody else.
const FIRST_VIEWS = ['src/session/SignIn.vue', 'src/documents/DocumentList.vue']

function collect(name, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  for (const next of manifest[name].imports ?? []) collect(next, found)
  return found
}

function size(name) {
  return gzipSync(readFileSync(new URL(manifest[name].file, dist)), { level: 9 }).length
}

let failed = false
for (const view of FIRST_VIEWS) {
  const chunks = collect(view, collect('src/locale/en.ts', collect('src/app.ts', collect('index.html'))))
  const total = [...chunks].reduce((sum, name) => sum + size(name), 0)
  const fits = total <= LIMIT
  failed ||= !fits
  console.log(
    `${view}: ${(total / 1024).toFixed(1)} KB of gzipped script, limit ${LIMIT / 1024} KB${fits ? '' : ': too large'}`,
  )
}
process.exit(failed ? 1 : 0)
