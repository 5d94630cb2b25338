/** The way through the page without a mouse. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'

import { PASSWORD, callApi, newAccount, openContext, openPage, textFile, waitForUploads } from './support'

/** Presses Tab until the focus is on the element with this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused: string[] = []
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null
      const label = element?.labels?.[0]?.textContent ?? element?.textContent
      return (element?.getAttribute('aria-label') ?? label ?? '').trim()
    })
    if (found === name) return
    focused.push(found)
  }
  throw new Error(`Tab does not reach ${name}, but ${focused.join(', ')}`)
}

async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}

it('signs in, uploads, corrects the topics and deletes by keys alone', async () => {
  const { email, token } = await newAccount()
  const page = await openPage(await openContext())
  await page.goto('/')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await tabTo(page, 'E-mail address')
  await page.keyboard.type(email)
  await tabTo(page, 'Password')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByText('No documents yet').waitFor()
  const picker = page.waitForEvent('filechooser')
  await press(page, 'Upload files')
  await (await picker).setFiles(textFile('keys.txt'))
  await waitForUploads(page, 'done', 1)
  await page.getByRole('link', { name: 'keys.txt' }).waitFor()
  await press(page, 'Clear the list')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.locator('[data-status="classified"]').waitFor({ timeout: 60_000 })
  await press(page, 'Correct the topics')
  await page.getByRole('searchbox', { name: 'Name' }).waitFor()
  await page.keyboard.type('Harbour')
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: 'Harbour', checked: true }).waitFor()
  await press(page, 'Save')
  await page.getByText('set by you').first().waitFor()
  await press(page, 'Delete')
  await page.getByText('keys.txt is deleted.').waitFor()
  await press(page, 'Undo')
  await page.getByRole('link', { name: 'keys.txt' }).waitFor()
  const { body: kept } = await callApi('GET', '/api/documents', token)
  expect(kept.items[0].topics.map((topic: { name: string }) => topic.name)).toContain('Harbour')
  await press(page, 'Delete keys.txt')
  await press(page, 'Sign out')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const { body: left } = await callApi('GET', '/api/documents', token)
  expect(left.items).toEqual([])
})
