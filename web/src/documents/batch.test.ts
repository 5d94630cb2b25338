import { expect, it } from 'vitest'

import { forEachOf } from './batch'

it('works on four at a time, and returns those that failed', async () => {
  let [running, most] = [0, 0]
  const counts: number[] = []
  const work = async (item: number) => {
    running += 1
    most = Math.max(most, running)
    await Promise.resolve()
    running -= 1
    if (item === 3) throw new Error('lost')
    return item !== 5
  }
  expect(await forEachOf([1, 2, 3, 4, 5, 6], work, (count) => counts.push(count))).toEqual([3, 5])
  expect(most).toBe(4)
  expect(counts).toEqual([1, 2, 3, 4, 5, 6])
})
