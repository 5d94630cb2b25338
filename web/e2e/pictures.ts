/** Pictures of views, which are compared with those in `pictures/`, and what makes them the same on each run. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

import pixelmatch from 'pixelmatch'
import type { BrowserContext, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { expect } from 'vitest'

/** The largest share of pixels that may differ. The same program and font draw every pixel the same. */
const TOLERANCE = 0.0003
/** The distance of two colours, from 0 to 1, from which on they differ. */
const COLOUR = 0.02
const KEPT = new URL('pictures/', import.meta.url)
const FOUND = new URL('../../target/pictures/', import.meta.url)
const TIMES = /("(?:at|\w+_at)":\s*)"\d{4}-[^"]+"/g
const ADDRESSES = /page-\d+-\d+@example\.org/g

/** `renew` writes the pictures anew, `skip` compares none: other systems draw letters in another way. */
export const mode = (process.env['PICTURES'] ?? 'compare') as 'compare' | 'renew' | 'skip'

/**
 * Replaces what differs from run to run in the API's answers: times, and addresses of accounts. Leaves out the
 * topics of the service, which other tests on the same stack create.
 */
export async function makeSteady(context: BrowserContext): Promise<void> {
  await context.route('**/api/**', async (route) => {
    const isRead = route.request().method() === 'GET'
    const answer = await route.fetch()
    const text = (await answer.text()).replace(ADDRESSES, 'ada@example.org')
    const body = isRead ? text.replace(TIMES, '$1"2026-01-31T09:30:00Z"') : text
    const hasTopics = isRead && answer.ok() && new URL(answer.url()).pathname === '/api/topics'
    await route.fulfill({ response: answer, body: hasTopics ? withoutSystemTopics(body) : body })
  })
}

function withoutSystemTopics(body: string): string {
  const page = JSON.parse(body) as { items: { system: boolean }[] }
  return JSON.stringify({ ...page, items: page.items.filter((topic) => !topic.system) })
}

/** Compares the view with its picture. */
export async function comparePicture(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(async () => {
    document.documentElement.style.setProperty('--font', "'DejaVu Sans'")
    document.documentElement.style.setProperty('--mono', "'DejaVu Sans Mono'")
    await document.fonts.ready
    await Promise.all([...document.images].map((image) => image.decode()))
  })
  await page.mouse.move(0, 0)
  const found = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' })
  const file = new URL(`${name}.png`, KEPT)
  if (mode === 'renew') {
    mkdirSync(KEPT, { recursive: true })
    // Without a filter, large areas of one colour are smaller than as Chromium writes them.
    const options = { filterType: 0, deflateStrategy: 0, colorType: 2 } as const
    writeFileSync(file, PNG.sync.write(PNG.sync.read(found), options))
    return
  }
  const share = compare(name, PNG.sync.read(readFileSync(file)), PNG.sync.read(found))
  const advice = `${name} differs from its picture (target/pictures). PICTURES=renew ./dev browser pictures keeps it`
  expect(share, advice).toBeLessThanOrEqual(TOLERANCE)
}

/** Returns the share of pixels that differ. Writes both pictures if it is too large. */
function compare(name: string, kept: PNG, found: PNG): number {
  const { width, height } = kept
  if (found.width !== width || found.height !== height) return 1
  const difference = new PNG({ width, height })
  const count = pixelmatch(kept.data, found.data, difference.data, width, height, { threshold: COLOUR })
  if (count / (width * height) > TOLERANCE) {
    mkdirSync(FOUND, { recursive: true })
    writeFileSync(new URL(`${name}.png`, FOUND), PNG.sync.write(found))
    writeFileSync(new URL(`${name}.difference.png`, FOUND), PNG.sync.write(difference))
  }
  return count / (width * height)
}
