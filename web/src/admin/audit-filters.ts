/** The filters of the audit log, as the address of the page has them. */
import { withoutEmpty } from '../shell/address'

export const FILTERS = ['actor_id', 'target_id', 'action', 'from', 'until'] as const
export type Filters = Record<(typeof FILTERS)[number], string>

/** Returns the filters as the API wants them. The address has times of the reader's clock, without a zone. */
export function toRequest({ from, until, ...others }: Filters): Partial<Filters> {
  return withoutEmpty({ ...others, from: toUtc(from), until: toUtc(until) })
}

function toUtc(local: string): string {
  const time = new Date(local)
  return Number.isNaN(time.getTime()) ? '' : time.toISOString()
}
