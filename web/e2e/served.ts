/** A list of documents of any length, which the test sends in place of the API: for lengths that take hours to upload. */
import type { Page } from 'playwright-core'

const DAY_MS = 24 * 60 * 60 * 1000
const NEWEST = Date.UTC(2026, 0, 31, 9, 30)

/** Returns the document of this number. The same number is always the same document. */
export function documentOf(number: number, status = 'classified') {
  return {
    id: `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`,
    filename: `document ${number}.txt`,
    content_type: 'text/plain',
    size_bytes: 1000 + (number % 900) * 1024,
    sha256: null,
    status,
    topics: [],
    classification: null,
    failure: null,
    created_at: new Date(NEWEST - number * DAY_MS).toISOString(),
  }
}

/** Answers the page's requests for the list with `count` documents, page by page. Returns how often it was asked. */
export async function serveDocuments(page: Page, count: number, statusOf = () => 'classified') {
  const asked = { times: 0 }
  await page.route(/\/api\/documents(\?|$)/, async (route) => {
    asked.times += 1
    const query = new URL(route.request().url()).searchParams
    const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit'))]
    const end = Math.min(from + limit, count)
    const items = Array.from({ length: end - from }, (_, index) => documentOf(from + index, statusOf()))
    await route.fulfill({ json: { items, next_cursor: end < count ? String(end) : null } })
  })
  return asked
}
