/** Uploads when something goes wrong. */
import { expect, it } from 'vitest'

import { PUT, callApi, choose, openAsUser, setLimit, shoot, textFile, waitForUploads } from './support'

it('says how much to delete when the quota is full, and uploads after that', async () => {
  const { page, email, token } = await openAsUser()
  await setLimit(email, 1000)
  await page.reload()
  await choose(page, textFile('first.txt', 'a'.repeat(820)))
  await waitForUploads(page, 'done', 1)
  await page.locator('.quota.warn').getByText('82%').waitFor()
  await choose(page, textFile('second.txt', 'b'.repeat(300)))
  await waitForUploads(page, 'failed', 1)
  const refusal = page.locator('.upload[data-phase="failed"]')
  await refusal
    .getByText('This file has 300 bytes. You use 820 bytes of 1,000 bytes. Delete 120 bytes to make room')
    .waitFor()
  await shoot(page, 'refusal')
  const { body: list } = await callApi('GET', '/api/documents', token)
  await callApi('DELETE', `/api/documents/${list.items[0].id}`, token)
  await page.getByRole('button', { name: 'Retry all' }).click()
  await waitForUploads(page, 'done', 2)
  const { body: quota } = await callApi('GET', '/api/auth/me/quota', token)
  expect(quota.used_bytes).toBe(300)
})

it('counts running bytes in the bar, and is not complete before the confirmation is answered', async () => {
  const { page } = await openAsUser()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route('**/confirm', async (route) => {
    await held
    await route.continue()
  })
  await choose(page, { ...textFile('big.bin'), buffer: Buffer.alloc(20 * 1024 * 1024) })
  await waitForUploads(page, 'confirm', 1)
  const progress = page.getByRole('progressbar')
  expect(Number(await progress.getAttribute('value'))).toBeLessThan(1)
  await page.locator('[data-running]').getByText('20 MB uploading').waitFor()
  expect(
    await page.locator('.part.running').evaluate((part) => part.getBoundingClientRect().width),
  ).toBeGreaterThan(10)
  await shoot(page, 'uploading')
  release()
  await waitForUploads(page, 'done', 1)
})

it('confirms again when the answer is lost, and charges once', async () => {
  const { page, token } = await openAsUser()
  let confirmations = 0
  await page.route('**/confirm', async (route) => {
    confirmations += 1
    if (confirmations > 1) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await choose(page, textFile('a.txt', 'x'.repeat(100)))
  await waitForUploads(page, 'done', 1)
  expect(confirmations).toBe(2)
  const { body: quota } = await callApi('GET', '/api/auth/me/quota', token)
  expect(quota.used_bytes).toBe(100)
})

it('confirms a file that is stored although the answer of the store was lost', async () => {
  const { page, token } = await openAsUser()
  const statuses: number[] = []
  page.on('response', (response) => {
    if (PUT.test(response.url()) && response.request().method() === 'PUT') statuses.push(response.status())
  })
  let first = true
  await page.route(PUT, async (route) => {
    if (route.request().method() !== 'PUT' || !first) return route.continue()
    first = false
    await route.fetch()
    await route.abort()
  })
  await choose(page, textFile('a.txt'))
  await waitForUploads(page, 'done', 1)
  expect(statuses).toContain(412)
  const { body: list } = await callApi('GET', '/api/documents', token)
  expect(list.items).toHaveLength(1)
})

it('asks for another URL when one has expired, and leaves no upload behind', async () => {
  const { page, token } = await openAsUser()
  let first = true
  await page.route(PUT, async (route) => {
    if (route.request().method() !== 'PUT' || !first) return route.continue()
    first = false
    const headers = { 'access-control-allow-origin': '*' }
    await route.fulfill({
      status: 403,
      headers,
      contentType: 'application/xml',
      body: '<Error><Code>AccessDenied</Code></Error>',
    })
  })
  await choose(page, textFile('a.txt'))
  await waitForUploads(page, 'done', 1)
  const { body: pending } = await callApi('GET', '/api/documents?status=pending', token)
  expect(pending.items).toEqual([])
})

it('deletes the document of an upload that is cancelled', async () => {
  const { page, token } = await openAsUser()
  await page.route(PUT, () => undefined)
  await choose(page, textFile('a.txt'))
  await waitForUploads(page, 'send', 1)
  const deleted = page.waitForResponse((response) => response.request().method() === 'DELETE')
  await page.getByRole('button', { name: 'Cancel the upload of a.txt' }).click()
  expect((await deleted).status()).toBe(204)
  await waitForUploads(page, 'cancelled', 1)
  const { body: pending } = await callApi('GET', '/api/documents?status=pending', token)
  expect(pending.items).toEqual([])
})

it('pauses while offline, and goes on afterwards', async () => {
  const { page, context } = await openAsUser()
  await context.setOffline(true)
  await choose(page, textFile('a.txt'))
  await page.getByText('You are offline').waitFor()
  await context.setOffline(false)
  await waitForUploads(page, 'done', 1)
})

it('stays fluent with a thousand files, of which four are sent at a time', async () => {
  const { page } = await openAsUser()
  let [open, most] = [0, 0]
  await page.route('**/api/documents/upload-url', async (route) => {
    open += 1
    most = Math.max(most, open)
    await new Promise((resolve) => setTimeout(resolve, 50))
    open -= 1
    await route.fulfill({ status: 422, json: { code: 'invalid', detail: 'made up' } })
  })
  const files = Array.from({ length: 1000 }, (_, index) => textFile(`${index}.txt`, 'x'))
  const began = Date.now()
  await choose(page, ...files)
  await page.getByText('1000 failed').waitFor({ timeout: 60_000 })
  expect(most).toBeLessThanOrEqual(4)
  expect(await page.locator('.upload').count(), 'only visible rows are drawn').toBeLessThan(40)
  console.log(`1000 refused uploads took ${Date.now() - began} ms`)
})

it('goes on when the store is back', async () => {
  const { page, token } = await openAsUser()
  let requests = 0
  await page.route(PUT, async (route) => {
    if (route.request().method() !== 'PUT') return route.continue()
    requests += 1
    if (requests === 1) return route.abort('connectionreset')
    if (requests === 2) return route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' } })
    return route.continue()
  })
  await choose(page, textFile('a.txt'))
  await page.getByText('Trying again soon').waitFor()
  await waitForUploads(page, 'done', 1)
  expect(requests).toBe(3)
  const { body: list } = await callApi('GET', '/api/documents', token)
  expect(list.items).toHaveLength(1)
})

it('goes on when the connection breaks between the store and the confirmation', async () => {
  const { page, context, token } = await openAsUser()
  let first = true
  await page.route('**/confirm', async (route) => {
    if (!first) return route.continue()
    first = false
    await context.setOffline(true)
    return route.abort('internetdisconnected')
  })
  await choose(page, textFile('a.txt', 'x'.repeat(100)))
  await page.getByText('You are offline').waitFor()
  expect(await page.locator('.upload[data-phase="confirm"]').count()).toBe(1)
  await context.setOffline(false)
  await waitForUploads(page, 'done', 1)
  const { body: quota } = await callApi('GET', '/api/auth/me/quota', token)
  expect(quota.used_bytes).toBe(100)
})
