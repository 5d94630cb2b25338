import { api } from '../api/client'
import { Refused, toProblem } from '../api/problem'

/** Reads everything that is kept about the account, as one file. The lists of all pages are put together. */
export async function readExport(): Promise<Blob> {
  const whole: Record<string, unknown> = {}
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: { limit: number; cursor?: string } = { limit: 100, ...(cursor && { cursor }) }
    const { data, error } = await api.GET('/api/auth/me/export', { params: { query } })
    if (error) throw new Refused(toProblem(error))
    const { next_cursor: next, ...page } = data
    for (const [name, value] of Object.entries(page)) {
      const before = whole[name]
      whole[name] =
        Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...value] : value
    }
    cursor = next
  }
  return new Blob([JSON.stringify(whole, null, 2)], { type: 'application/json' })
}
