/** Uploads that are not ended when their page is closed. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { PUT, callApi, newAccount, openAsUser, openPage, shoot, signIn, waitForUploads } from './support'

let folder: string
let files: string[]
/** A store that never answers. */
const silent = createServer()
beforeAll(async () => {
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  files = ['plan.txt', 'bill.txt'].map((name) => join(folder, name))
  for (const file of files) await writeFile(file, `The content of ${file}`)
})
afterAll(async () => {
  silent.close()
  await rm(folder, { recursive: true })
})

/** Chooses files of the disk: they have the same time of change whenever they are chosen. */
async function chooseFromDisk(page: Page, ...paths: string[]): Promise<void> {
  await page.locator('input[data-files]').first().setInputFiles(paths)
}

/**
 * Starts uploads that never end. A request that Playwright merely holds back would reach the store when its page
 * is closed.
 */
async function startUploads(page: Page, ...paths: string[]): Promise<void> {
  const { port } = silent.address() as AddressInfo
  await page.route(PUT, (route) => route.continue({ url: `http://127.0.0.1:${port}/` }))
  await chooseFromDisk(page, ...paths)
  await waitForUploads(page, 'send', paths.length)
}

/** Returns all that the page keeps in the browser. */
async function storedBy(context: BrowserContext): Promise<string> {
  return JSON.stringify((await context.storageState({ indexedDB: true })).origins)
}

async function documents(token: string, status = ''): Promise<string[]> {
  const { body } = await callApi('GET', `/api/documents?${status && `status=${status}`}`, token)
  return body.items.map((document: { filename: string }) => document.filename).sort()
}

it('asks for the files again, goes on with them, and leaves no document behind', async () => {
  const { page, token, context } = await openAsUser()
  await startUploads(page, ...files)
  await expect.poll(() => storedBy(context)).toMatch(/plan\.txt.*bill\.txt|bill\.txt.*plan\.txt/)
  expect(await storedBy(context), 'no content, token or URL').not.toMatch(
    /The content of|eyJ|token|Signature|http:\/\/[^"]*\//,
  )
  await page.reload()
  await page.getByText('The page was closed before 2 files were uploaded').waitFor()
  await page.unrouteAll()
  await expect.poll(() => documents(token, 'pending')).toEqual([])
  await shoot(page, 'reload')
  await chooseFromDisk(page, ...files)
  await waitForUploads(page, 'done', 2)
  expect(await page.locator('.upload').count(), 'no second upload of a file').toBe(2)
  expect(await documents(token)).toEqual(['bill.txt', 'plan.txt'])
  await expect.poll(() => storedBy(context)).not.toContain('plan.txt')
})

it('ends an upload without its file if the store has it', async () => {
  const { page, token } = await openAsUser()
  await page.route('**/confirm', () => undefined)
  await chooseFromDisk(page, files[0]!)
  await waitForUploads(page, 'confirm', 1)
  await page.reload()
  await waitForUploads(page, 'confirm', 1)
  await page.unrouteAll()
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: 'plan.txt' }).waitFor()
  expect(await documents(token)).toEqual(['plan.txt'])
})

it('asks for no file that another tab still sends, and for none that was given up', async () => {
  const { page, token, context } = await openAsUser()
  await startUploads(page, files[0]!)
  const other = await openPage(context)
  await other.goto('/')
  await other
    .getByText('No documents yet')
    .or(other.getByRole('link', { name: 'plan.txt' }))
    .waitFor()
  await other.reload()
  await other
    .getByText('No documents yet')
    .or(other.getByRole('link', { name: 'plan.txt' }))
    .waitFor()
  expect(await other.locator('.upload').count()).toBe(0)
  expect(await page.locator('.upload[data-phase="send"]').count(), 'the first tab goes on').toBe(1)
  await page.close()
  await other.reload()
  await other.getByRole('button', { name: 'Cancel the upload of plan.txt' }).click()
  await waitForUploads(other, 'cancelled', 1)
  await expect.poll(() => documents(token, 'pending')).toEqual([])
  await expect.poll(() => storedBy(context)).not.toContain('plan.txt')
  await other.reload()
  await other.getByText('No documents yet').waitFor()
  expect(await other.locator('.upload').count()).toBe(0)
})

it('tells another account of no file', async () => {
  const { page, context } = await openAsUser()
  await startUploads(page, files[0]!)
  // The session ends without a sign-out, as on a computer that was left.
  await context.clearCookies()
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await storedBy(context)).toContain('plan.txt')
  await signIn(page, (await newAccount()).email)
  await page.getByText('No documents yet').waitFor()
  await expect.poll(() => storedBy(context)).not.toContain('plan.txt')
  expect(await page.content()).not.toContain('plan.txt')
})

it('keeps nothing after a sign-out', async () => {
  const { page, context } = await openAsUser()
  await startUploads(page, files[0]!)
  await expect.poll(() => storedBy(context)).toContain('plan.txt')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await expect.poll(() => storedBy(context)).not.toContain('plan.txt')
})
