import { expect, it } from 'vitest'

import { forEachOf } from './batch'

it('does everything once, four at a time', async () => {
  let [running, most] = [0, 0]
  const done: number[] = []
  await forEachOf([1, 2, 3, 4, 5, 6, 7, 8, 9], async (item) => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running -= 1
    done.push(item)
  })
  expect(most).toBe(4)
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})
