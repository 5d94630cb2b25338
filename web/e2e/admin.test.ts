/** What administrators do: accounts, quotas, sessions, roles and the audit log. They see nothing of documents. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import {
  PASSWORD,
  callApi,
  choose,
  newAccount,
  openAsAdministrator,
  openAsUser,
  signIn,
  textFile,
  waitForUploads,
} from './support'

/** Opens the view of an account by the search. */
async function openAccount(page: Page, email: string): Promise<void> {
  await page.goto('/admin/accounts')
  await page.getByRole('searchbox', { name: 'Search by address' }).fill(email)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: email }).click()
  await page.getByRole('heading', { name: email }).waitFor()
}

async function confirm(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: title, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: title })
  await dialog.getByRole('button', { name: title }).click()
  await dialog.waitFor({ state: 'detached' })
}

async function logIn(email: string, password = PASSWORD): Promise<{ status: number; token: string }> {
  const { status, body } = await callApi('POST', '/api/auth/login', null, { email, password })
  return { status, token: body.access_token }
}

it('deletes an account, but only after its address was typed', async () => {
  const { email } = await newAccount()
  const { page } = await openAsAdministrator()
  await openAccount(page, email)
  await page.getByRole('button', { name: 'Delete the account' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete the account' })
  const button = dialog.getByRole('button', { name: 'Delete the account' })
  const field = dialog.getByLabel(`Type ${email} to confirm`)
  await field.fill('another@example.org')
  expect(await button.isDisabled(), 'another address').toBe(true)
  await field.press('Enter')
  expect((await logIn(email)).status, 'Enter deletes nothing, either').toBe(200)
  await field.fill(email.toUpperCase())
  await button.click()
  await page.getByRole('heading', { name: 'Accounts' }).waitFor()
  expect((await logIn(email)).status, 'the account is gone').toBe(401)
  await page.getByRole('searchbox', { name: 'Search by address' }).fill(email)
  await page.keyboard.press('Enter')
  await page.getByText('No account matches').waitFor()
})

it('ends one session of an account, and then all', async () => {
  const { email, token: first } = await newAccount()
  const { token: second } = await logIn(email)
  const { page } = await openAsAdministrator()
  await openAccount(page, email)
  const card = page.getByRole('region', { name: 'Sessions' })
  const rows = card.getByRole('listitem')
  await rows.nth(1).waitFor()
  expect(await rows.count()).toBe(2)
  await rows.first().getByRole('button').click()
  await rows.nth(1).waitFor({ state: 'detached' })
  const meStatus = async (token: string) => (await callApi('GET', '/api/auth/me', token)).status
  expect(await meStatus(second), 'the newest session is the first').toBe(401)
  expect(await meStatus(first)).toBe(200)
  await card.getByRole('button', { name: 'End all' }).click()
  await card.getByText('Nobody is signed in to this account.').waitFor()
  expect(await meStatus(first)).toBe(401)
})

it('sets a limit below what is used, and says what that means', async () => {
  const user = await openAsUser()
  await choose(user.page, textFile('only-mine.txt'))
  await waitForUploads(user.page, 'done', 1)
  const { page } = await openAsAdministrator()
  await openAccount(page, user.email)
  await page.getByLabel('Limit in MB').fill('0')
  await page.getByRole('region', { name: 'Storage' }).getByRole('button', { name: 'Save' }).click()
  await page.getByText('The account uses more than this limit.').waitFor()
  expect((await callApi('GET', '/api/auth/me/quota', user.token)).body.limit_bytes).toBe(0)
})

it('resets the password and the factors, deactivates, and changes the role', async () => {
  const { email, token } = await newAccount()
  const { page } = await openAsAdministrator()
  await openAccount(page, email)
  await confirm(page, 'Reset the password')
  const temporary = (await page.locator('code').textContent()) ?? ''
  expect((await callApi('GET', '/api/auth/me', token)).status, 'sessions end').toBe(401)
  expect((await logIn(email)).status).toBe(401)
  expect((await logIn(email, temporary)).status).toBe(200)
  await confirm(page, 'Reset second factors')
  await confirm(page, 'Deactivate')
  await page.getByText('Deactivated').waitFor()
  expect((await logIn(email, temporary)).status).toBe(401)
  await confirm(page, 'Activate')
  await confirm(page, 'Make an administrator')
  await page.getByRole('button', { name: 'Make a user' }).waitFor()
  expect(await page.getByLabel('Limit in MB').count(), 'administrators have no quota').toBe(0)
})

it('explains refusals: an address that is taken, and an account that is gone', async () => {
  const { email, token } = await newAccount()
  const { page, email: own } = await openAsAdministrator()
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByText('This address has an account already. Search for it below.').waitFor()
  await openAccount(page, own)
  await page.getByText('This is your own account.').waitFor()
  await openAccount(page, email)
  await callApi('DELETE', '/api/auth/me', token, { password: PASSWORD })
  await page.getByRole('button', { name: 'Reset the password' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset the password' }).click()
  await page.getByRole('dialog').getByText('It does not exist any more.').waitFor()
})

it('creates an administrator, and filters the accounts by role', async () => {
  const { page } = await openAsAdministrator()
  const email = `second-${Date.now()}@example.org`
  await page.getByLabel('E-mail address').fill(email)
  await page.locator('select[name=role]').selectOption('admin')
  await page.getByRole('button', { name: 'Create an account' }).click()
  await page.getByText(`Temporary password of ${email}`).waitFor()
  await page.getByRole('searchbox', { name: 'Search by address' }).fill(email)
  await page.getByRole('search').getByLabel('Role').selectOption('user')
  await page.getByText('No account matches').waitFor()
  await page.getByRole('search').getByLabel('Role').selectOption('admin')
  await page.getByRole('link', { name: email }).waitFor()
})

it('filters the audit log, and shows no name of a file or of an own topic anywhere', async () => {
  const user = await openAsUser()
  await callApi('POST', '/api/topics', user.token, { name: 'Private topic' })
  await choose(user.page, textFile('private-plan.txt'))
  await waitForUploads(user.page, 'done', 1)
  const { page } = await openAsAdministrator()
  let seen = ''
  page.on('response', (response) => {
    if (response.url().includes('/api/'))
      void response.text().then(
        (text) => (seen += text),
        () => undefined,
      )
  })
  await openAccount(page, user.email)
  await page.getByRole('link', { name: 'Audit log' }).last().click()
  await page
    .getByRole('cell', { name: 'account.created' })
    .or(page.getByRole('cell', { name: 'session.started' }))
    .first()
    .waitFor()
  await page.getByLabel('Action').fill('session.started')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect
    .poll(async () => new Set(await page.locator('tbody td:nth-child(2)').allTextContents()))
    .toEqual(new Set(['session.started']))
  await page.getByLabel('Until').fill('2020-01-01T00:00')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('No entries').waitFor()
  await page.getByRole('link', { name: 'Topics of the service' }).click()
  await page.getByRole('heading', { name: 'Topics of the service' }).first().waitFor()
  expect(seen + (await page.content())).not.toMatch(/private-plan|Private topic/)
})

it('sends an administrator whose session was ended to the sign-in', async () => {
  const { page, email } = await openAsAdministrator()
  const { token } = await logIn(email)
  const { body } = await callApi('GET', '/api/auth/sessions', token)
  for (const session of body.items)
    if (!session.current) await callApi('DELETE', `/api/auth/sessions/${session.id}`, token)
  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(page, email)
  await page
    .getByRole('heading', { name: 'Accounts' })
    .or(page.getByRole('heading', { name: 'Audit log' }))
    .waitFor()
})
