import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import type { Document } from '../api/client'
import { UNDO_MS, newRemovals } from './removals'

const document = { id: 'd1' } as Document
beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function setUp(problem: { code: string } | null = null) {
  const [send, onFailure] = [vi.fn(async () => problem), vi.fn()]
  return { send, onFailure, removals: newRemovals({ send, onFailure }) }
}

it('sends the request when the time to undo is over', async () => {
  const { send, removals } = setUp()
  removals.begin(document)
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1)
  expect(send).not.toHaveBeenCalled()
  expect(removals.ids.has('d1')).toBe(true)
  await vi.advanceTimersByTimeAsync(1)
  expect(send).toHaveBeenCalledOnce()
})

it('sends nothing after it was undone', async () => {
  const { send, removals } = setUp()
  removals.begin(document)
  removals.undo('d1')
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS)
  expect(send).not.toHaveBeenCalled()
  expect(removals.ids.has('d1')).toBe(false)
})

it('sends at once when the page is closed', () => {
  const { send, removals } = setUp()
  removals.begin(document)
  window.dispatchEvent(new Event('pagehide'))
  expect(send).toHaveBeenCalledOnce()
})

it('shows a document again that was not deleted', async () => {
  const { onFailure, removals } = setUp({ code: 'database_unreachable' })
  removals.begin(document)
  await removals.flush()
  expect(removals.ids.has('d1')).toBe(false)
  expect(onFailure).toHaveBeenCalledOnce()
})
