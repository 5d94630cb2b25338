/** The list of documents: keys, filters, many rows, deletions that can be undone, and requests while nothing happens. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { serveDocuments } from './served'
import { callApi, choose, openAsUser, textFile, waitForUploads } from './support'

const rowsOf = (page: Page) => page.getByRole('list', { name: 'Documents' }).getByRole('listitem')
const focusOf = (page: Page) => page.evaluate(() => document.activeElement?.textContent)

/** Uploads files with these names. The last is the first in the list. */
async function upload(page: Page, ...names: string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    await choose(page, textFile(name, `The mooring contract ${name}`))
    await waitForUploads(page, 'done', index + 1)
  }
  await rowsOf(page)
    .nth(names.length - 1)
    .waitFor()
  await page.locator('[data-status="uploaded"]').first().waitFor({ state: 'detached', timeout: 60_000 })
}

it('is moved through, selected and searched by keys, and shows which there are', async () => {
  const { page } = await openAsUser()
  await serveDocuments(page, 300)
  await page.reload()
  await rowsOf(page).nth(5).waitFor()
  const presses: [string, string][] = [
    ['j', 'document 0.txt'],
    ['ArrowDown', 'document 1.txt'],
    ['j', 'document 2.txt'],
    ['k', 'document 1.txt'],
    ['ArrowUp', 'document 0.txt'],
    ['k', 'document 0.txt'],
  ]
  for (const [key, name] of presses) {
    await page.keyboard.press(key)
    await expect.poll(() => focusOf(page), { message: `after ${key}` }).toBe(name)
  }
  for (let row = 1; row <= 40; row += 1) {
    await page.keyboard.press('j')
    await expect.poll(() => focusOf(page)).toBe(`document ${row}.txt`)
  }
  await page.keyboard.press('x')
  await page.getByText('1 selected').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('1 selected').waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keys' })
  await help.getByText('Next document').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('Escape')
  await help.waitFor({ state: 'detached' })
  await page.keyboard.press('/')
  const search = page.getByRole('searchbox', { name: 'Search by name' })
  await search.and(page.locator(':focus')).waitFor()
  await page.keyboard.type('jx?')
  expect(await search.inputValue(), 'keys are text in a field').toBe('jx?')
  expect(await help.count()).toBe(0)
})

it('is filtered by status and by topic, and keeps the filter in the address', async () => {
  const { page, token } = await openAsUser()
  const { body: topic } = await callApi('POST', '/api/topics', token, { name: 'Harbour' })
  await upload(page, 'one.txt', 'two.txt')
  const { body } = await callApi('GET', '/api/documents', token)
  await callApi('PUT', `/api/documents/${body.items[0].id}/topics`, token, { topic_ids: [topic.id] })
  await page.getByRole('link', { name: 'Topics', exact: true }).click()
  await page
    .getByRole('listitem')
    .filter({ hasText: 'Harbour' })
    .getByRole('link', { name: '1 document' })
    .click()
  await rowsOf(page).filter({ hasText: 'one.txt' }).waitFor({ state: 'detached' })
  expect(await rowsOf(page).count()).toBe(1)
  await page.reload()
  await rowsOf(page).filter({ hasText: 'two.txt' }).waitFor()
  expect(await rowsOf(page).count(), 'after a reload').toBe(1)
  await page.getByRole('link', { name: 'two.txt' }).click()
  await page.getByRole('link', { name: '← Documents' }).click()
  await rowsOf(page).first().waitFor()
  expect(await rowsOf(page).count(), 'back from a document').toBe(1)
  await page.getByRole('combobox', { name: 'Status' }).selectOption('classification_failed')
  await page.getByText('No document matches').waitFor()
  await page.getByRole('link', { name: 'Clear the filters' }).click()
  await rowsOf(page).nth(1).waitFor()
  expect(new URL(page.url()).search).toBe('')
})

it('holds ten thousand documents, of which it draws a window', async () => {
  const { page } = await openAsUser()
  const asked = await serveDocuments(page, 10_000)
  await page.reload()
  await rowsOf(page).nth(5).waitFor()
  const frame = page.locator('.frame')
  const last = page.getByRole('link', { name: 'document 9999.txt' })
  const scroll = async () => {
    await frame.evaluate((element) => element.scrollTo(0, element.scrollHeight))
    return last.count()
  }
  await expect.poll(scroll, { timeout: 60_000, interval: 20 }).toBe(1)
  expect(await rowsOf(page).first().getAttribute('aria-setsize')).toBe('10000')
  expect(asked.times, 'each page is read once').toBe(100)
  expect(await rowsOf(page).count(), 'rows in the tree').toBeLessThan(60)
})

it('sends a deletion after ten seconds, unless it was undone', async () => {
  const { page } = await openAsUser()
  await upload(page, 'keep.txt')
  let deletions = 0
  page.on('request', (request) => (deletions += Number(request.method() === 'DELETE')))
  await page.clock.install()
  await page.clock.pauseAt(Date.now() + 60_000)
  const remove = page.getByRole('button', { name: 'Delete keep.txt' })
  await remove.click()
  await page.clock.runFor(9000)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.clock.runFor(20_000)
  expect(deletions, 'it was undone').toBe(0)
  await remove.click()
  await page.clock.runFor(9900)
  expect(deletions, 'it can be undone for ten seconds').toBe(0)
  const sent = page.waitForRequest((request) => request.method() === 'DELETE')
  await page.clock.runFor(200)
  await sent
})

it('reports which of several deletions failed, and shows those documents again', async () => {
  const { page, token } = await openAsUser()
  await upload(page, 'one.txt', 'two.txt', 'three.txt')
  const { body } = await callApi('GET', '/api/documents', token)
  await page.route(`**/api/documents/${body.items[1].id}`, async (route) =>
    route.request().method() === 'DELETE'
      ? route.fulfill({
          status: 503,
          json: { code: 'store_unreachable', detail: 'The store does not answer.' },
        })
      : route.continue(),
  )
  for (const name of ['one.txt', 'two.txt', 'three.txt'])
    await page.getByRole('checkbox', { name: `Select ${name}` }).check()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('3 documents are deleted.').waitFor()
  expect(await rowsOf(page).count()).toBe(0)
  const report = page.getByText('1 of 3 documents were not deleted. The store does not answer.')
  await report.waitFor({ timeout: 20_000 })
  await rowsOf(page).filter({ hasText: 'two.txt' }).waitFor()
  expect(await rowsOf(page).count()).toBe(1)
  expect((await callApi('GET', '/api/documents', token)).body.items).toHaveLength(1)
})

it('asks again while a document is being classified, and not at all when none is', async () => {
  const { page } = await openAsUser()
  let status = 'uploaded'
  const asked = await serveDocuments(page, 1, () => status)
  await page.clock.install()
  await page.reload()
  await page.locator('[data-status="uploaded"]').waitFor()
  await page.clock.pauseAt(Date.now() + 60_000)
  const askAgain = async (pause: number) => {
    const answer = page.waitForResponse(/\/api\/documents\?/)
    await page.clock.runFor(pause)
    await (await answer).finished()
  }
  await askAgain(15_000)
  await askAgain(15_000)
  status = 'classified'
  await askAgain(15_000)
  await page.locator('[data-status="uploaded"]').waitFor({ state: 'detached' })
  const before = asked.times
  await page.clock.runFor(10 * 60_000)
  expect(asked.times, 'requests in ten minutes').toBe(before)
})

it('shows the end of a classification in the view of the document', async () => {
  const { page, token } = await openAsUser()
  await upload(page, 'one.txt')
  const { body } = await callApi('GET', '/api/documents', token)
  const [document] = body.items
  let status = 'uploaded'
  await page.route(/\/api\/documents(\?|$)/, (route) =>
    route.fulfill({ json: { items: [{ ...document, status }], next_cursor: null } }),
  )
  const path = `/api/documents/${document.id}`
  await page.route(`**${path}`, (route) => route.fulfill({ json: { ...document, status } }))
  await page.reload()
  await page.locator('[data-status="uploaded"]').waitFor()
  const first = page.waitForResponse(`**${path}`)
  await page.getByRole('link', { name: 'one.txt' }).click()
  await (await first).finished()
  status = 'classified'
  await page.locator('[data-status="classified"]').waitFor()
})
