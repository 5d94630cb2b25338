/** The filters of the audit log, as the address of the page has them. */
export const FILTERS = ['actor_id', 'target_id', 'action', 'from', 'until'] as const
export type Filters = Record<(typeof FILTERS)[number], string>

/** Reads the filters from the address. What is not there is empty. */
export function readFilters(query: Record<string, unknown>): Filters {
  const read = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  return Object.fromEntries(FILTERS.map((name) => [name, read(name)])) as Filters
}

/** Returns the filters that are not empty, as the address has them. */
export function withoutEmpty(filters: Filters): Partial<Filters> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''))
}

/** Returns the filters as the API wants them. The address has times of the reader's clock, without a zone. */
export function toRequest(filters: Filters): Partial<Filters> {
  const { from, until, ...others } = filters
  return withoutEmpty({ ...others, from: toUtc(from), until: toUtc(until) })
}

function toUtc(local: string): string {
  const time = new Date(local)
  return Number.isNaN(time.getTime()) ? '' : time.toISOString()
}
