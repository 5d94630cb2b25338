import { expect, it } from 'vitest'

import { readQuery, withoutEmpty } from '../shell/address'
import { FILTERS, toRequest } from './audit-filters'

it('sends only filters that are set, and times in UTC', () => {
  const query = {
    target_id: 'an-id',
    from: '2026-01-31T10:30',
    until: 'never',
    other: 'x',
    action: ['a', 'b'],
  }
  const filters = readQuery(query, FILTERS)
  expect(withoutEmpty(filters)).toEqual({ target_id: 'an-id', from: '2026-01-31T10:30', until: 'never' })
  expect(toRequest(filters)).toEqual({
    target_id: 'an-id',
    from: new Date(2026, 0, 31, 10, 30).toISOString(),
  })
})
