/** What a name or a file holds is shown, and never run. */
import { expect, it } from 'vitest'

import { type TestFile, callApi, choose, openAsUser, textFile, waitForUploads } from './support'

const ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
const isHacked = () => (window as unknown as { hacked?: number }).hacked === 1

it('shows markup in names of files and topics as text', async () => {
  const { page, token } = await openAsUser()
  await callApi('POST', '/api/topics', token, { name: '<img src=x onerror=hacked=1>' })
  await choose(page, textFile(`${ATTACK}.txt`))
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: ATTACK }).click()
  await page.getByRole('heading', { name: ATTACK }).waitFor()
  await page.getByRole('button', { name: 'Correct the topics' }).click()
  await page.getByText('<img src=x onerror=hacked=1>').waitFor()
  await page.goto('/topics')
  await page.getByText('<img src=x onerror=hacked=1>').waitFor()
  expect(await page.evaluate(isHacked)).toBe(false)
})

const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=1"><script>window.hacked=1</script></svg>`
const hostile: TestFile[] = [
  { name: 'a.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(svg) },
  {
    name: 'a.html',
    mimeType: 'text/html',
    buffer: Buffer.from(`<!doctype html><body onload="window.hacked=1">${ATTACK}`),
  },
]

it.each(hostile)('shows $name as text', async (file) => {
  const { page } = await openAsUser()
  await choose(page, file)
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: file.name }).click()
  await page.locator('pre').getByText('window.hacked=1').waitFor()
  expect(await page.evaluate(isHacked)).toBe(false)
})

it('shows a picture from the store', async () => {
  const { page } = await openAsUser()
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  await choose(page, { name: 'dot.png', mimeType: 'image/png', buffer: png })
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: 'dot.png' }).click()
  const picture = page.getByRole('img', { name: 'dot.png' })
  await picture.waitFor()
  await expect.poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1)
})

it('is sent with a strict policy, and its assets for ever', async () => {
  const { page } = await openAsUser()
  const answer = await page.request.get('/documents/anything')
  expect(answer.headers()['content-security-policy']).toContain("script-src 'self'; style-src 'self'")
  expect(answer.headers()['content-security-policy']).toContain("require-trusted-types-for 'script'")
  expect(answer.headers()['cache-control']).toBe('no-cache')
  const asset = /\/assets\/index-[\w-]+\.js/.exec(await answer.text())?.[0]
  expect((await page.request.get(asset ?? '')).headers()['cache-control']).toBe(
    'public, max-age=31536000, immutable',
  )
  expect((await page.request.get('/assets/missing.js')).status()).toBe(404)
  expect((await page.request.get('/api/nothing')).status()).toBe(404)
})
