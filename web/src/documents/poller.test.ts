import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { newPoller } from './poller'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('asks nothing while there is nothing to wait for', async () => {
  const work = vi.fn(async () => undefined)
  newPoller(() => false, work).wake()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(work).not.toHaveBeenCalled()
})

it('asks less and less often, and stops when it is over', async () => {
  let left = 20
  const times: number[] = []
  newPoller(
    () => left > 0,
    async () => {
      left -= 1
      times.push(Date.now())
    },
  ).wake()
  await vi.advanceTimersByTimeAsync(600_000)
  const pauses = times.slice(1).map((time, index) => time - times[index]!)
  expect(times).toHaveLength(20)
  expect(pauses[0]).toBe(1500)
  expect(Math.max(...pauses)).toBe(15_000)
})

it('ends for good when it is stopped, also while an answer is awaited', async () => {
  let answer = (): void => undefined
  const work = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
  const poller = newPoller(() => true, work)
  poller.wake()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(work).toHaveBeenCalledOnce()
  poller.stop()
  answer()
  poller.wake()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(work).toHaveBeenCalledOnce()
})
