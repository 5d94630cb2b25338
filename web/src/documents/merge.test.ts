import { expect, it } from 'vitest'

import type { Document } from '../api/client'
import { mergeTop } from './merge'

const item = (id: string, status = 'classified') =>
  ({ id, created_at: `2026-01-0${id}`, status }) as unknown as Document
const ids = (list: Document[]) => list.map((each) => each.id)

it('puts new documents in front, and keeps those beyond the page', () => {
  expect(ids(mergeTop([item('3'), item('2'), item('1')], [item('4'), item('3')], false))).toEqual([
    '4',
    '3',
    '2',
    '1',
  ])
})

it('drops documents that the page should have', () => {
  expect(ids(mergeTop([item('4'), item('3'), item('1')], [item('4'), item('2')], false))).toEqual([
    '4',
    '2',
    '1',
  ])
  expect(ids(mergeTop([item('1')], [], true))).toEqual([])
})

it('takes the newer state of a document', () => {
  expect(mergeTop([item('1', 'uploaded')], [item('1')], true)[0]?.status).toBe('classified')
})
