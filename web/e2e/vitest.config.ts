import { defineConfig } from 'vitest/config'

// The tests share one stack. Each takes its own account, but classification and the machine are shared.
export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // As long as Playwright waits. A second, the default, is too short on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    reporters: ['verbose'],
  },
})
