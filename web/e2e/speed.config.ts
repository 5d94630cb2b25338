import { defineConfig } from 'vitest/config'

// The measurements of `./dev bench page`. They take turns, so that nothing else runs meanwhile.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.speed.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
})
