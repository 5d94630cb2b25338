import { expect, it } from 'vitest'

import type { Document } from '../api/client'
import { words } from '../locale'
import { en } from '../locale/en'
import { asked, seen } from './seen'

const TEXT: NonNullable<Document['classification']> = {
  provider: 'openai',
  model: 'gpt-4o',
  prompt_version: 'prompt-2',
  truncated: false,
  without_text: null,
  unread_format: null,
  pages: 5,
  pages_without_text: 0,
  images_sent: 0,
  classified_at: '2026-01-31T09:30:06.048000Z',
}
Object.assign(words, en)

it.each([
  [{}, 'It got the whole text.'],
  [{ truncated: true }, 'It got only a part of the text.'],
  [{ without_text: 'no_text' }, 'It got the name and the type only: the document has no text.'],
  [
    { without_text: 'unknown_format', unread_format: 'Access' },
    'It got the name and the type only: the format Access is not read.',
  ],
  [{ without_text: 'no_text', images_sent: 3 }, 'It got 3 images of it.'],
  [{ without_text: 'image', images_sent: 1 }, 'It got one image of it.'],
] as const)('of %o the page says: %s', (classification, text) => {
  expect(seen({ ...TEXT, ...classification })).toBe(text)
})

const FAILURE: NonNullable<Document['failure']> = {
  code: 'answer_refused',
  message: 'the model refused to classify the document',
  provider: 'openai',
  model: 'gpt-4o',
  images_sent: 0,
}

it.each([
  [{}, 'gpt-4o (openai) was asked.'],
  [{ images_sent: 1 }, 'gpt-4o (openai) was asked. It may have got one image of the document.'],
  [{ images_sent: 3 }, 'gpt-4o (openai) was asked. It may have got 3 images of the document.'],
  [{ provider: 'builtin', model: 'builtin' }, 'builtin was asked.'],
  [{ provider: null, model: null }, ''],
] as const)('of the failure %o the page says: %s', (failure, text) => {
  expect(asked({ ...FAILURE, ...failure })).toBe(text)
})
