/** A list that is read page by page. */
import { type Ref, ref } from 'vue'

import { toProblem } from '../api/problem'
import type { Problem } from '../upload/faults'

interface Answer<T> {
  data?: { items: T[]; next_cursor?: string | null }
  error?: unknown
}

export interface Pages<T> {
  items: Ref<T[] | null>
  hasMore: Ref<boolean>
  busy: Ref<boolean>
  problem: Ref<Problem | null>
  load: () => Promise<void>
  loadMore: () => Promise<void>
}

export function usePages<T>(request: (cursor: string | undefined) => Promise<Answer<T>>): Pages<T> {
  const items = ref<T[] | null>(null) as Ref<T[] | null>
  const [hasMore, busy, problem] = [ref(false), ref(false), ref<Problem | null>(null)]
  let cursor: string | undefined
  /** Only the answer to the newest request counts: the reader may have changed the filters meanwhile. */
  let newest = 0

  async function read(): Promise<void> {
    const number = (newest += 1)
    busy.value = true
    const { data, error } = await request(cursor).catch((failure: unknown) => ({
      data: undefined,
      error: failure,
    }))
    if (number !== newest) return
    busy.value = false
    problem.value = data ? null : toProblem(error)
    if (!data) return
    items.value = [...(cursor ? (items.value ?? []) : []), ...data.items]
    cursor = data.next_cursor ?? undefined
    hasMore.value = cursor !== undefined
  }

  function load(): Promise<void> {
    cursor = undefined
    return read()
  }

  async function loadMore(): Promise<void> {
    if (!busy.value) await read()
  }

  return { items, hasMore, busy, problem, load, loadMore }
}
