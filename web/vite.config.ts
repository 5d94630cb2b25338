import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const api = process.env['API_URL'] ?? 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [vue()],
  // The content security policy allows no `data:` URLs, so that no file may become one.
  build: { target: 'es2022', assetsInlineLimit: 0, manifest: true, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
  define: { __VUE_OPTIONS_API__: 'false' },
  server: { proxy: { '/api': api } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
})
