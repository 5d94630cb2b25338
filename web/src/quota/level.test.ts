import { expect, it } from 'vitest'

import { levelOf } from './level'

it.each([
  [0, 100, 'good'],
  [79, 100, 'good'],
  [80, 100, 'warn'],
  [94, 100, 'warn'],
  [95, 100, 'bad'],
  [120, 100, 'bad'],
  [0, 0, 'bad'],
] as const)('%i of %i bytes is %s', (used, limit, level) => {
  expect(levelOf(used, limit)).toBe(level)
})
