import type { Document } from '../api/client'
import { words } from '../locale'

/** Says how much of a document its model has seen. */
export function seen(classification: NonNullable<Document['classification']>): string {
  const { images_sent: images, unread_format: format, without_text: without, truncated } = classification
  if (images > 0) return words.seenImages(images)
  if (format) return `${words.seenNot} ${words.unreadFormat(format)}`
  if (without) return `${words.seenNot} ${words.withoutText[without] ?? without}.`
  return truncated ? words.seenCut : words.seenWhole
}
