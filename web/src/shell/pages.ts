/** A list that is read page by page. */
import { type Ref, ref } from 'vue'

import { toProblem } from '../api/problem'
import { useAction } from './action'
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
  const hasMore = ref(false)
  const { busy, problem, run } = useAction()
  let cursor: string | undefined

  async function read(): Promise<void> {
    await run(async () => {
      const { data, error } = await request(cursor)
      if (!data) return toProblem(error)
      items.value = [...(cursor ? (items.value ?? []) : []), ...data.items]
      cursor = data.next_cursor ?? undefined
      hasMore.value = cursor !== undefined
      return null
    })
  }

  function load(): Promise<void> {
    cursor = undefined
    return read()
  }

  return { items, hasMore, busy, problem, load, loadMore: read }
}
