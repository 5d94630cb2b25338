import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const api = process.env['API_URL'] ?? 'http://127.0.0.1:3000'

/** Few files, since HTTP/1.1 fetches six at a time: what runs first, the libraries, and what several views share. */
const GROUPS = [
  { name: 'first', test: /src\/api\/token|preload-helper/, priority: 3 },
  { name: 'libraries', test: /node_modules\/(?!pdfjs-dist)|plugin-vue/, priority: 2 },
  { name: 'shared', test: /\/src\/(?!locale\/(en|de))/, minShareCount: 2, priority: 1 },
]

/** Has the browser fetch `src/app.ts` and what it imports at once, not only when `src/main.ts` runs. */
function preloadApp(): Plugin {
  return {
    name: 'preload-app',
    transformIndexHtml(_html, { bundle }) {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === 'chunk')
      const app = chunks.find((chunk) => chunk.facadeModuleId?.endsWith('/src/app.ts'))
      const files = app ? [...app.imports, app.fileName] : []
      const entries = chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName)
      return files
        .filter((file) => !entries.includes(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
        }))
    },
  }
}

export default defineConfig({
  plugins: [vue(), preloadApp()],
  // The content security policy allows no `data:` URLs, so that no file may become one.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
  worker: { format: 'es' },
  define: { __VUE_OPTIONS_API__: 'false' },
  server: { proxy: { '/api': api } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
