import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const api = process.env['API_URL'] ?? 'http://127.0.0.1:3000'

/** Few files, since HTTP/1.1 fetches six at a time: what runs first, the libraries, and what several views share. */
const GROUPS = [
  { name: 'first', test: /src\/(api\/token|session\/first)|preload-helper/, priority: 3 },
  { name: 'libraries', test: /node_modules\/(?!pdfjs-dist)|plugin-vue/, priority: 2 },
  { name: 'shared', test: /\/src\/(?!locale\/(en|de))/, minShareCount: 2, priority: 1 },
]

/** What the first view needs: of a stranger, or of a user who comes back. */
const FIRST = ['src/app.ts', 'src/locale/en.ts', 'src/session/SignIn.vue', 'src/documents/DocumentList.vue']

/** Has the browser fetch `FIRST` and what it imports at once, not only when the program asks for it. */
function preloadFirst(): Plugin {
  return {
    name: 'preload-first',
    transformIndexHtml(_html, { bundle }) {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === 'chunk')
      const first = chunks.filter(({ facadeModuleId: id }) => FIRST.some((name) => id?.endsWith(`/${name}`)))
      const files = new Set(first.flatMap((chunk) => [...chunk.imports, chunk.fileName]))
      return [...files].map((file) => ({
        tag: 'link',
        attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
      }))
    },
  }
}

export default defineConfig({
  plugins: [vue(), preloadFirst()],
  // The content security policy allows no `data:` URLs, so that no file may become one.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    manifest: true,
    // One small file, which the first view does not have to wait for again.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
  worker: { format: 'es' },
  define: { __VUE_OPTIONS_API__: 'false' },
  server: { proxy: { '/api': api } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
