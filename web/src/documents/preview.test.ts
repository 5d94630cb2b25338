import { expect, it } from 'vitest'

import { kindOf } from './preview'

it.each([
  ['image/png', 'a.png', 'image'],
  ['IMAGE/JPEG; x=y', 'a', 'image'],
  ['image/svg+xml', 'a.svg', 'text'],
  ['application/zip', 'a.zip', 'none'],
  ['text/html', 'a.html', 'text'],
  ['application/octet-stream', 'README.md', 'text'],
  ['application/pdf', 'a.pdf', 'pdf'],
] as const)('%s (%s) is shown as %s', (type, name, kind) => {
  expect(kindOf(type, name)).toBe(kind)
})
