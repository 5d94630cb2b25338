/** The requests about topics: those of the account, or those of the service, which administrators manage. */
import { type Topic, api } from '../api/client'
import { Refused, toProblem } from '../api/problem'
import { problemOf } from '../shell/action'
import type { Problem } from '../upload/faults'

export interface TopicRoutes {
  /** `counts`: with the number of the account's documents, if it has documents. */
  page: (cursor: string, counts?: boolean) => Promise<{ items: Topic[]; next_cursor?: string | null }>
  create: (body: { name: string; description: string }) => Promise<Problem | null>
  change: (id: string, body: { name: string; description: string }) => Promise<Problem | null>
  remove: (id: string) => Promise<Problem | null>
}

export const ownRoutes: TopicRoutes = {
  page: async (cursor, counts = false) =>
    dataOf(await api.GET('/api/topics', { params: { query: { ...pageQuery(cursor), counts } } })),
  create: async (body) => problemOf(await api.POST('/api/topics', { body })),
  change: async (id, body) =>
    problemOf(await api.PATCH('/api/topics/{id}', { params: { path: { id } }, body })),
  remove: async (id) => problemOf(await api.DELETE('/api/topics/{id}', { params: { path: { id } } })),
}

export const systemRoutes: TopicRoutes = {
  page: async (cursor) =>
    dataOf(await api.GET('/api/admin/topics', { params: { query: pageQuery(cursor) } })),
  create: async (body) => problemOf(await api.POST('/api/admin/topics', { body })),
  change: async (id, body) =>
    problemOf(await api.PATCH('/api/admin/topics/{id}', { params: { path: { id } }, body })),
  remove: async (id) => problemOf(await api.DELETE('/api/admin/topics/{id}', { params: { path: { id } } })),
}

function pageQuery(cursor: string) {
  return { limit: 100, ...(cursor && { cursor }) }
}

function dataOf<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Refused(toProblem(error))
  return data
}

/** Reads all topics. There are at most a few hundred. */
export async function readAll(routes: TopicRoutes, counts?: boolean): Promise<Topic[]> {
  const found: Topic[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Awaited<ReturnType<TopicRoutes['page']>> = await routes.page(cursor, counts)
    found.push(...page.items)
    cursor = page.next_cursor ?? null
  }
  return found
}
