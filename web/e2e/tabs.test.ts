/** Sessions in several tabs, and sessions that end elsewhere. */
import { expect, it } from 'vitest'

import {
  PASSWORD,
  callApi,
  choose,
  newAccount,
  openAsUser,
  openPage,
  signIn,
  textFile,
  waitForUploads,
} from './support'

it('renews the session in several tabs at once', async () => {
  const { page, context } = await openAsUser()
  const tabs = [page, await openPage(context), await openPage(context)]
  const statuses: number[] = []
  context.on('response', (response) => {
    if (response.url().endsWith('/api/auth/refresh')) statuses.push(response.status())
  })
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(tabs.map((tab) => tab.goto('/topics')))
    await Promise.all(tabs.map((tab) => tab.getByRole('heading', { name: 'Topics', exact: true }).waitFor()))
  }
  expect(statuses).toEqual(Array.from({ length: 9 }, () => 200))
})

it('shows the other account in all tabs once one tab has signed in as it', async () => {
  const { page, context } = await openAsUser()
  await choose(page, textFile('secret-plan.txt'))
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: 'secret-plan.txt' }).waitFor()
  const { email } = await newAccount()
  const other = await openPage(context)
  // The first tab does not hear of the end of its session, and goes on with its token.
  await context.clearCookies()
  await signIn(other, email)
  await other.getByText('No documents yet').waitFor()
  await page.getByText('No documents yet').waitFor()
  await page.getByText(email).waitFor()
  expect(await page.content()).not.toContain('secret-plan')
})

it('goes to the sign-in when the session was ended elsewhere, and comes back', async () => {
  const { page, token, email } = await openAsUser()
  await page.goto('/account')
  await page.getByText('this browser').waitFor()
  const { body: sessions } = await callApi('GET', '/api/auth/sessions?limit=100', token)
  for (const session of sessions.items) {
    if (!session.current) await callApi('DELETE', `/api/auth/sessions/${session.id}`, token)
  }
  await page.getByRole('link', { name: 'Topics', exact: true }).click()
  await page.getByText('Your session has ended').waitFor()
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Topics', exact: true }).waitFor()
})

it('lists all sessions of an account, page by page', async () => {
  const { page, email } = await openAsUser()
  for (let login = 0; login < 20; login += 1) {
    const { status } = await callApi('POST', '/api/auth/login', null, { email, password: PASSWORD })
    expect(status).toBe(200)
  }
  await page.goto('/account')
  const card = page.getByRole('region', { name: 'Sessions' })
  await expect.poll(() => card.getByRole('listitem').count()).toBe(20)
  await card.getByRole('button', { name: 'Load more' }).click()
  await expect.poll(() => card.getByRole('listitem').count()).toBe(22)
  expect(await card.getByRole('button', { name: 'Load more' }).count()).toBe(0)
})
