import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Document } from '../api/client'
import { UNDO_MS, newRemovals } from './removals'

const documents = ['d1', 'd2', 'd3', 'd4', 'd5', 'd6'].map((id) => ({ id }) as Document)
const [first] = documents as [Document]
beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function setUp(refused: string[] = []) {
  const send = vi.fn(async ({ id }: Document) =>
    refused.includes(id) ? { code: 'database_unreachable' } : null,
  )
  const onEnd = vi.fn()
  return { send, onEnd, removals: newRemovals({ send, onEnd }) }
}

it('sends the request when the time to undo is over', async () => {
  const { send, removals } = setUp()
  removals.begin([first])
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1)
  expect(send).not.toHaveBeenCalled()
  expect(removals.ids.has('d1')).toBe(true)
  await vi.advanceTimersByTimeAsync(1)
  expect(send).toHaveBeenCalledOnce()
})

it('sends nothing after it was undone, and waits anew if it is deleted again', async () => {
  const { send, removals } = setUp()
  removals.begin([first])
  removals.undo()
  expect(removals.ids.has('d1')).toBe(false)
  await vi.advanceTimersByTimeAsync(UNDO_MS / 2)
  removals.begin([first])
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1)
  expect(send).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(send).toHaveBeenCalledOnce()
})

it('sends at once when the page is closed, and also what waits for its turn', async () => {
  const { send, removals } = setUp()
  send.mockImplementation(() => new Promise(() => undefined))
  removals.begin(documents)
  await vi.advanceTimersByTimeAsync(UNDO_MS)
  expect(send, 'a few at a time').toHaveBeenCalledTimes(4)
  window.dispatchEvent(new Event('pagehide'))
  expect(new Set(send.mock.calls.map(([document]) => document.id)).size).toBe(6)
})

it('shows documents again that were not deleted, and reports how many and why', async () => {
  const { onEnd, removals } = setUp(['d2', 'd5'])
  removals.begin(documents)
  await removals.flush()
  expect(removals.ids.size).toBe(0)
  expect(removals.report.value).toEqual({ failed: 2, total: 6, problem: { code: 'database_unreachable' } })
  expect(onEnd).toHaveBeenCalledOnce()
})
