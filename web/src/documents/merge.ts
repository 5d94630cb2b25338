import type { Document } from '../api/client'

/**
 * Merges the newest page into a list, newest first. What the page should have and does not is gone, or does not
 * match the filters any more. `isWhole` says that there is nothing beyond the page.
 */
export function mergeTop(list: Document[], page: Document[], isWhole: boolean): Document[] {
  const last = page.at(-1)
  if (isWhole || !last) return page
  return [...page, ...list.filter((item) => isOlder(item, last))]
}

function isOlder(item: Document, other: Document): boolean {
  // Times have the same number of digits, so that they compare as text.
  return item.created_at === other.created_at ? item.id < other.id : item.created_at < other.created_at
}
