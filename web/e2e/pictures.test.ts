/** The main views look as in their pictures: on a phone and on a desk, light and dark. */
import type { Page } from 'playwright-core'
import { it } from 'vitest'

import { comparePicture, makeSteady, mode } from './pictures'
import {
  PASSWORD,
  VIEWS,
  type View,
  callApi,
  choose,
  newAccount,
  openAsAdministrator,
  openContext,
  openPage,
  setLimit,
  signIn,
  type TestFile,
  textFile,
  waitForUploads,
} from './support'

const nameOf = (name: string, { width, theme }: View) => `${name}-${width}-${theme}`
const TEXT = `Mooring of the boat, and its insurance. ${'All is well. '.repeat(10)}`
const FILES: TestFile[] = [
  { name: 'harbour plan.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1.7 * 1024 * 1024) },
  textFile('insurance policy.txt', TEXT),
  textFile('a long name, such as a scanner gives to its files, 0001 of 0042.txt', TEXT),
  textFile('receipt.txt', TEXT),
]
const TOPICS = [
  ['Mooring', 'Contracts and bills of the harbour'],
  ['Insurance', 'Policies, and letters about them'],
] as const

async function open(view: View): Promise<Page> {
  const context = await openContext(view)
  await makeSteady(context)
  return openPage(context)
}

/** Uploads one file after the other, so that their order is known. */
async function fill(page: Page): Promise<void> {
  for (const [index, file] of FILES.entries()) {
    await choose(page, file)
    await waitForUploads(page, 'done', index + 1)
  }
  await page.getByRole('list', { name: 'Documents' }).getByRole('listitem').nth(3).waitFor()
  await page.locator('[data-status="uploaded"]').first().waitFor({ state: 'detached', timeout: 60_000 })
}

it.skipIf(mode === 'skip').each(VIEWS)('a user: $width px, $theme', async (view) => {
  const { email, token } = await newAccount()
  for (const [name, description] of TOPICS) await callApi('POST', '/api/topics', token, { name, description })
  await setLimit(email, 2 * 1024 * 1024)
  const page = await open(view)
  await page.goto('/sign-in')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await comparePicture(page, nameOf('sign-in', view))
  await signIn(page, email)
  await page.getByText('No documents yet').waitFor()
  await fill(page)
  await choose(page, textFile('tax return.txt', 'x'.repeat(1024 * 1024)))
  await waitForUploads(page, 'failed', 1)
  await comparePicture(page, nameOf('documents', view))
  await page.getByRole('button', { name: 'Clear the list' }).click()
  await page.getByRole('link', { name: 'receipt.txt' }).click()
  await page.locator('pre').waitFor()
  await page.getByRole('button', { name: 'Correct the topics' }).click()
  await page.getByRole('checkbox', { name: 'Mooring' }).waitFor()
  await comparePicture(page, nameOf('correction', view))
  await page.goto('/topics')
  await page
    .getByRole('link', { name: /documents/ })
    .first()
    .waitFor()
  await comparePicture(page, nameOf('topics', view))
})

it.skipIf(mode === 'skip').each(VIEWS)('an administrator: $width px, $theme', async (view) => {
  const { email } = await newAccount()
  await callApi('POST', '/api/auth/login', null, { email, password: PASSWORD })
  const { page, context } = await openAsAdministrator(view)
  await page.getByRole('searchbox', { name: 'Search by address' }).fill(email)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: email }).waitFor()
  await makeSteady(context)
  await page.getByRole('link', { name: email }).click()
  await page.getByRole('heading', { name: 'ada@example.org' }).waitFor()
  await page.reload()
  await page.getByRole('region', { name: 'Sessions' }).getByRole('listitem').nth(1).waitFor()
  await page.getByRole('region', { name: 'Model' }).getByRole('option').nth(1).waitFor({ state: 'attached' })
  await comparePicture(page, nameOf('account', view))
})
