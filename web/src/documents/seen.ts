import type { Document } from '../api/client'
import { words } from '../locale'

/** Names the model, and its provider if that is another word. */
export function nameOf({ model, provider }: { model: string | null; provider: string | null }): string {
  return provider && provider !== model ? `${model ?? ''} (${provider})` : (model ?? '')
}

/** Says who was asked before a classification failed, and what it may have got. Empty if nobody was. */
export function asked(failure: NonNullable<Document['failure']>): string {
  if (!failure.model) return ''
  const model = words.failureAsked(nameOf(failure))
  return failure.images_sent > 0 ? `${model} ${words.failureImages(failure.images_sent)}` : model
}

/** Says how much of a document its model has seen. */
export function seen(classification: NonNullable<Document['classification']>): string {
  const { images_sent: images, unread_format: format, without_text: without, truncated } = classification
  if (images > 0) return words.seenImages(images)
  if (format) return `${words.seenNot} ${words.unreadFormat(format)}`
  if (without) return `${words.seenNot} ${words.withoutText[without] ?? without}.`
  return truncated ? words.seenCut : words.seenWhole
}
