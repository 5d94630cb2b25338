/**
 * Every view, in both themes, on a phone and on a desk: no barriers, nothing wider than the window, and nothing
 * that moves while it loads.
 */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import {
  PASSWORD,
  VIEWS,
  type View,
  callApi,
  choose,
  findBarriers,
  newAccount,
  newAdministrator,
  openContext,
  openPage,
  shoot,
  signIn,
  textFile,
} from './support'

/** The largest sum of layout shifts in a view, of which 1 is the whole window. */
const LARGEST_SHIFT = 0.05
const nameOf = ({ width, theme }: View) => `${width}-${theme}`

/** Opens the page, and adds up the layout shifts that no input has caused. */
async function open(view: View): Promise<Page> {
  const page = await openPage(await openContext(view))
  await page.addInitScript(() => {
    const shifts = { sum: 0 }
    Object.assign(window, { shifts })
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean }
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) if (!entry.hadRecentInput) shifts.sum += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  return page
}

async function check(page: Page, name: string): Promise<void> {
  await shoot(page, name)
  expect(await findBarriers(page), name).toEqual([])
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(excess, `${name} is wider than the window`).toBeLessThanOrEqual(0)
  const shift = await page.evaluate(() => {
    const { shifts } = window as unknown as { shifts: { sum: number } }
    const { sum } = shifts
    shifts.sum = 0
    return sum
  })
  expect(shift, `the layout of ${name} shifts`).toBeLessThanOrEqual(LARGEST_SHIFT)
}

it.each(VIEWS)('strangers: $width px, $theme', async (view) => {
  const page = await open(view)
  for (const path of ['/sign-in', '/register', '/password-reset', '/verify', '/nothing/here']) {
    await page.goto(path)
    await page.locator('h1').waitFor()
    await check(page, `${path.slice(1).replace('/', '-')}-${nameOf(view)}`)
  }
})

it.each(VIEWS)('users: $width px, $theme', async (view) => {
  const { email, token } = await newAccount()
  for (const name of ['Mooring', 'Insurance', 'A topic with quite a long name that needs room']) {
    await callApi('POST', '/api/topics', token, { name, description: 'Bills that are still to be paid' })
  }
  const page = await open(view)
  await signIn(page, email)
  await page.getByText('No documents yet').waitFor()
  await check(page, `empty-${nameOf(view)}`)
  const names = [
    'Rechnung März 2026.txt',
    'mooring contract.txt',
    `${'a very long name '.repeat(8)}.txt`,
    'receipt.txt',
  ]
  await choose(
    page,
    ...names.map((name) => textFile(name, `The mooring contract and the insurance of ${name}`)),
  )
  await page.locator('.upload[data-phase="done"]').nth(3).waitFor()
  await page.getByRole('list', { name: 'Documents' }).getByRole('listitem').nth(3).waitFor()
  await page.locator('[data-status="uploaded"]').first().waitFor({ state: 'detached', timeout: 60_000 })
  await check(page, `uploaded-${nameOf(view)}`)
  await page.getByRole('button', { name: 'Clear the list' }).click()
  await page.reload()
  await page.getByRole('list', { name: 'Documents' }).getByRole('listitem').nth(3).waitFor()
  await check(page, `documents-${nameOf(view)}`)
  await page.getByRole('link', { name: 'mooring contract.txt' }).click()
  await page.getByRole('heading', { name: 'mooring contract.txt' }).waitFor()
  await page.reload()
  await page.locator('pre').waitFor()
  await check(page, `document-${nameOf(view)}`)
  await page.getByRole('button', { name: 'Correct the topics' }).click()
  await page.getByRole('checkbox').first().waitFor()
  await check(page, `correction-${nameOf(view)}`)
  await page.goto('/topics')
  await page.getByRole('button', { name: 'Edit the topic Mooring' }).waitFor()
  await check(page, `topics-${nameOf(view)}`)
  await page.goto('/account')
  await page.getByText('this browser').waitFor()
  await check(page, `account-${nameOf(view)}`)
  if ((view.width ?? 0) < 768) {
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.locator('.sidebar.open').waitFor()
    await page.waitForFunction(() => document.getAnimations().length === 0)
    await check(page, `menu-${nameOf(view)}`)
  }
})

it.each(VIEWS)('administrators: $width px, $theme', async (view) => {
  const { email, temporary } = newAdministrator()
  const page = await open(view)
  await signIn(page, email, temporary)
  await page.getByText('Your password is a temporary one').waitFor()
  await check(page, `change-password-${nameOf(view)}`)
  await page.getByLabel('Current password').fill(temporary)
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('New password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Accounts' }).waitFor()
  await page.getByRole('link', { name: email }).waitFor()
  await page.reload()
  await page.getByRole('link', { name: email }).waitFor()
  await check(page, `accounts-${nameOf(view)}`)
  const user = await newAccount()
  await page.getByRole('searchbox', { name: 'Search by address' }).fill(user.email)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: user.email }).click()
  await page.getByRole('heading', { name: user.email }).waitFor()
  await page.reload()
  await page.getByRole('region', { name: 'Sessions' }).getByRole('listitem').first().waitFor()
  await check(page, `managed-account-${nameOf(view)}`)
  await page.getByRole('button', { name: 'Delete the account' }).click()
  await page.getByRole('dialog').waitFor()
  await check(page, `account-deletion-${nameOf(view)}`)
  await page.goto('/admin/topics')
  await page.getByRole('heading', { name: 'Topics of the service' }).first().waitFor()
  await check(page, `system-topics-${nameOf(view)}`)
  await page.goto('/admin/audit-log')
  await page.getByText('account.created').or(page.getByText('session.started')).first().waitFor()
  await check(page, `audit-log-${nameOf(view)}`)
})
