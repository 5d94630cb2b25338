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
  // The page behind the dialog shows the topic, too, once the document is classified.
  await page.getByRole('dialog').getByText('<img src=x onerror=hacked=1>').waitFor()
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

/** A PDF of one page that says `Mooring`, and asks its reader to run a script and to open an address. */
function hostilePdf(): TestFile {
  const text = 'BT /F1 24 Tf 20 100 Td (Mooring) Tj ET'
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\); window.hacked=1) >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const end = `xref\n0 6\n0000000000 65535 f \n${offsets.join('')}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF`
  return { name: 'hostile.pdf', mimeType: 'application/pdf', buffer: Buffer.from(body + end) }
}

it('draws a PDF, and runs nothing of it', async () => {
  const { page } = await openAsUser()
  await choose(page, hostilePdf())
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: 'hostile.pdf' }).click()
  await page.getByText('Pages 1 to 1 of 1').waitFor()
  const isDark = await page.locator('canvas').evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement
    const pixels =
      (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? []
    return pixels.some((value, index) => index % 4 === 0 && value < 100)
  })
  expect(isDark, 'the text is drawn').toBe(true)
  expect(await page.evaluate(isHacked)).toBe(false)
})

it('is sent with a strict policy, and its assets for ever', async () => {
  const { page, token } = await openAsUser()
  const file = { filename: 'a.txt', content_type: 'text/plain', size_bytes: 1 }
  const { body: grant } = await callApi('POST', '/api/documents/upload-url', token, file)
  const store = new URL(grant.upload_url).origin
  const answer = await page.request.get('/documents/anything')
  expect(answer.headers()['content-security-policy']).toBe(
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: ${store}; ` +
      `connect-src 'self' ${store}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; ` +
      `require-trusted-types-for 'script'`,
  )
  expect(answer.headers()['cache-control']).toBe('no-cache')
  const asset = /\/assets\/index-[\w-]+\.js/.exec(await answer.text())?.[0]
  expect((await page.request.get(asset ?? '')).headers()['cache-control']).toBe(
    'public, max-age=31536000, immutable',
  )
  expect((await page.request.get('/assets/missing.js')).status()).toBe(404)
  expect((await page.request.get('/api/nothing')).status()).toBe(404)
})
