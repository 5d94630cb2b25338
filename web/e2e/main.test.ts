/** The way of a person who has never seen the page. */
import { expect, it } from 'vitest'

import {
  PASSWORD,
  callApi,
  choose,
  newAccount,
  newEmail,
  openAsUser,
  openContext,
  openPage,
  shoot,
  signIn,
  textFile,
  waitForUploads,
} from './support'

it('registers, uploads, sees the classification, corrects the topic, and deletes', async () => {
  const email = newEmail()
  const page = await openPage(await openContext())
  await page.goto('/')
  await page.getByRole('link', { name: 'Create an account' }).click()
  // The view is loaded when it is needed. Until then, the fields are those of the sign-in.
  await page.getByRole('heading', { name: 'Create an account' }).waitFor()
  await shoot(page, 'register')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByText('No documents yet').waitFor()
  await shoot(page, 'empty')

  await choose(
    page,
    textFile('invoice.txt'),
    textFile('invoice.txt', 'A second invoice of the same name. Amount due: 3 EUR.'),
  )
  await waitForUploads(page, 'done', 2)
  const rows = page.getByRole('list', { name: 'Documents' }).getByRole('listitem')
  await rows.nth(1).waitFor()
  expect(await rows.count(), 'two files of one name are two documents').toBe(2)
  await page.locator('[data-status="uploaded"]').first().waitFor({ state: 'detached', timeout: 60_000 })
  await page.getByRole('button', { name: 'Clear the list' }).click()
  await shoot(page, 'documents')

  await rows.first().getByRole('link').click()
  await page.locator('[data-status="classified"]').waitFor()
  await page.locator('[data-seen]').getByText('builtin').waitFor()
  await page.getByText('A second invoice').or(page.getByText('Invoice number 7')).waitFor()
  await page.getByRole('button', { name: 'Correct the topics' }).click()
  await page.getByRole('searchbox', { name: 'Name' }).fill('Office rent')
  await page.getByRole('button', { name: 'New topic: Office rent' }).click()
  await page.getByRole('checkbox', { name: 'Office rent' }).waitFor()
  await shoot(page, 'correction')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('set by you').first().waitFor()
  await shoot(page, 'document')

  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('invoice.txt is deleted.').waitFor()
  expect(await rows.count()).toBe(1)
  await page.getByRole('button', { name: 'Undo' }).click()
  await rows.nth(1).waitFor()
  await rows.first().getByRole('button', { name: 'Delete invoice.txt' }).click()
  // Signing out sends what waits.
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const { body: login } = await callApi('POST', '/api/auth/login', null, { email, password: PASSWORD })
  const { body: list } = await callApi('GET', '/api/documents', login.access_token)
  expect(list.items).toHaveLength(1)
})

it('keeps the token in memory only, and comes back to where the reader was', async () => {
  const { page, email, context } = await openAsUser()
  await page.goto('/topics')
  await page.getByRole('heading', { name: 'Topics', exact: true }).waitFor()
  const { cookies, origins } = await context.storageState({ indexedDB: true })
  expect(JSON.stringify(origins), 'no token is stored').not.toMatch(/eyJ|token/)
  expect(
    cookies.every((cookie) => cookie.httpOnly),
    'no script can read a cookie',
  ).toBe(true)
  await context.clearCookies()
  await page.goto('/account')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Account', exact: true }).waitFor()
})

it('searches, filters, and moves through the list by keys', async () => {
  const { page } = await openAsUser()
  await choose(page, textFile('alpha.txt'), textFile('beta.txt'), textFile('gamma.txt'))
  await waitForUploads(page, 'done', 3)
  const rows = page.getByRole('list', { name: 'Documents' }).getByRole('listitem')
  await rows.nth(2).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const second = await rows.nth(1).getByRole('link').textContent()
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(second)
  await page.keyboard.press('/')
  await page.keyboard.type('BETA')
  await rows.filter({ hasText: 'alpha' }).waitFor({ state: 'detached' })
  expect(await rows.allTextContents()).toHaveLength(1)
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('nothing like this')
  await page.getByText('No document matches').waitFor()
})

it('selects several documents, adds a topic to them, and deletes them', async () => {
  const { page, token } = await openAsUser()
  await callApi('POST', '/api/topics', token, { name: 'Harbour' })
  await choose(page, textFile('one.txt'), textFile('two.txt'), textFile('three.txt'))
  await waitForUploads(page, 'done', 3)
  const rows = page.getByRole('list', { name: 'Documents' }).getByRole('listitem')
  await rows.nth(2).waitFor()
  await page.getByRole('checkbox', { name: 'Select one.txt' }).check()
  await page.getByRole('link', { name: 'two.txt' }).focus()
  await page.keyboard.press('x')
  await page.getByText('2 selected').waitFor()
  await page.getByRole('button', { name: 'Add topics' }).click()
  await page.getByRole('checkbox', { name: 'Harbour' }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => rows.filter({ hasText: 'Harbour' }).count()).toBe(2)
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('2 documents are deleted.').waitFor()
  expect(await rows.count()).toBe(1)
  await page.waitForResponse((response) => response.request().method() === 'DELETE', { timeout: 15_000 })
  await expect.poll(async () => (await callApi('GET', '/api/documents', token)).body.items.length).toBe(1)
})

it('signs all tabs out, and shows nothing of an account to the next one', async () => {
  const { page, context } = await openAsUser()
  await choose(page, textFile('secret-plan.txt'))
  await waitForUploads(page, 'done', 1)
  const other = await openPage(context)
  await other.goto('/')
  await other.getByRole('link', { name: 'secret-plan.txt' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(page, (await newAccount()).email)
  await page.getByText('No documents yet').waitFor()
  expect(await page.content()).not.toContain('secret-plan')
})
