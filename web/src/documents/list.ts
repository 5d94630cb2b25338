/** The list of documents: pages by cursor, filters, and what changes while it is shown. */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'

import { type Document, type Status, api } from '../api/client'
import { toProblem } from '../api/problem'
import { useQuota } from '../quota/quota'
import { onAccountChange } from '../session/session'
import type { Problem } from '../upload/faults'
import { useUploads } from '../upload/store'
import { mergeTop } from './merge'
import { newPoller } from './poller'
import { newRemovals } from './removals'

const PAGE = 100
/** Uploads that end within this time cause one request. In milliseconds. */
const GATHER_MS = 400
/** The same while more uploads run, which need the network themselves. */
const GATHER_BUSY_MS = 2000

export const FILTERS = ['q', 'status', 'topic'] as const
export interface Filters {
  q: string
  status: Status | ''
  topic: string
}

export const useDocuments = defineStore('documents', () => {
  const items = shallowRef<Document[]>([])
  const filters = reactive<Filters>({ q: '', status: '', topic: '' })
  const [loading, loaded] = [ref(false), ref(false)]
  const problem = ref<Problem | null>(null)
  let cursor: string | null = null
  /** Answers to a request for other filters, or of another account, are dropped. */
  let era = 0

  const isFiltered = computed(() => filters.q !== '' || filters.status !== '' || filters.topic !== '')
  const removals = newRemovals({ send: removeNow, onEnd: () => void useQuota().refresh() })
  const visible = computed(() => items.value.filter((item) => !removals.ids.has(item.id)))
  /** The ids of the selected documents, and those of them that are shown. */
  const selected = reactive(new Set<string>())
  const chosen = computed(() => visible.value.filter((item) => selected.has(item.id)))
  const poller = newPoller(() => items.value.some((item) => item.status === 'uploaded'), refreshTop)

  function request(after: string | null) {
    const { q, status, topic } = filters
    const query = {
      limit: PAGE,
      ...(q && { q }),
      ...(status && { status }),
      ...(topic && { topic }),
      ...(after && { cursor: after }),
    }
    return api.GET('/api/documents', { params: { query } })
  }

  /** Loads the first page anew. */
  async function load(): Promise<void> {
    era += 1
    cursor = null
    selected.clear()
    await loadPage(null)
  }

  /** Loads the next page, if there is one. */
  async function loadMore(): Promise<void> {
    if (cursor && !loading.value && !problem.value) await loadPage(cursor)
  }

  async function loadPage(after: string | null): Promise<void> {
    const begun = era
    loading.value = true
    problem.value = null
    const { data, error } = await request(after).catch((failure: unknown) => ({
      data: undefined,
      error: failure,
    }))
    if (begun !== era) return
    loading.value = false
    if (!data) problem.value = toProblem(error)
    else {
      cursor = data.next_cursor
      items.value = after ? [...items.value, ...data.items] : data.items
      loaded.value = true
      poller.wake()
    }
  }

  /** Retries what has failed. */
  function retry(): Promise<void> {
    return cursor ? loadPage(cursor) : load()
  }

  /** Brings the newest documents up to date. */
  async function refreshTop(): Promise<void> {
    const begun = era
    const { data } = await request(null)
    if (!data || begun !== era) return
    items.value = mergeTop(items.value, data.items, data.next_cursor === null)
    const shown = new Set(data.items.map((item) => item.id))
    const older = items.value.filter((item) => item.status === 'uploaded' && !shown.has(item.id)).slice(0, 10)
    await Promise.all(older.map((item) => refreshOne(item.id)))
  }

  async function refreshOne(id: string): Promise<void> {
    const { data } = await api.GET('/api/documents/{id}', { params: { path: { id } } })
    if (data) replace(data)
  }

  function replace(document: Document): void {
    items.value = items.value.map((item) => (item.id === document.id ? document : item))
    poller.wake()
  }

  async function removeNow(document: Document): Promise<Problem | null> {
    const params = { path: { id: document.id } }
    const { error, response } = await api.DELETE('/api/documents/{id}', { params, keepalive: true })
    if (error && response.status !== 404) return toProblem(error)
    items.value = items.value.filter((item) => item.id !== document.id)
    return null
  }

  let gathering = false
  const uploads = useUploads()
  uploads.onConfirmed(() => {
    if (gathering || !loaded.value) return
    gathering = true
    setTimeout(
      () => {
        gathering = false
        void refreshTop().then(poller.wake, () => poller.wake())
      },
      uploads.queue.tally.open > 1 ? GATHER_BUSY_MS : GATHER_MS,
    )
  })

  onAccountChange(() => {
    era += 1
    cursor = null
    removals.forget()
    selected.clear()
    items.value = []
    Object.assign(filters, { q: '', status: '', topic: '' })
    loading.value = loaded.value = false
  })

  return {
    items: visible,
    filters,
    isFiltered,
    loading,
    loaded,
    problem,
    removals,
    selected,
    chosen,
    load,
    loadMore,
    retry,
    replace,
    find,
    toggle,
  }

  function toggle(id: string): void {
    if (!selected.delete(id)) selected.add(id)
  }

  function find(id: string): Document | undefined {
    return items.value.find((item) => item.id === id)
  }
})
