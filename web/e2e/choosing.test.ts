/** The ways to give the page files: drop, paste, and the pickers. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openAsUser, waitForUploads } from './support'

/** More files than a browser returns of a folder at a time. */
const MANY = 120

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-'))
  await mkdir(join(folder, 'inner', 'innermost'), { recursive: true })
  await writeFile(join(folder, 'outer.txt'), 'outer')
  await writeFile(join(folder, 'inner', 'innermost', 'deep.txt'), 'deep')
  for (let index = 0; index < MANY; index += 1)
    await writeFile(join(folder, 'inner', `${index}.txt`), `${index}`)
})
afterAll(() => rm(folder, { recursive: true }))

/** Refuses every file, and returns the names: many files need no service. */
async function collectNames(page: Page): Promise<string[]> {
  const names: string[] = []
  await page.route('**/api/documents/upload-url', async (route) => {
    names.push((route.request().postDataJSON() as { filename: string }).filename)
    await route.fulfill({ status: 422, json: { code: 'invalid', detail: 'made up' } })
  })
  return names
}

/** Drops files and folders of the disk, as a hand does. */
async function drop(page: Page, ...files: string[]): Promise<void> {
  // A view that changes below the pointer ends the drag.
  await page.getByText('No documents yet').waitFor()
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data })
    if (type === 'dragOver') await page.getByText('Let go to upload').waitFor()
  }
}

it('takes a folder that is dropped, with all folders inside', async () => {
  const { page } = await openAsUser()
  const names = await collectNames(page)
  await drop(page, folder)
  await page.getByText(`${MANY + 2} failed`).waitFor()
  expect(names.sort()).toEqual(
    ['deep.txt', 'outer.txt', ...Array.from({ length: MANY }, (_, i) => `${i}.txt`)].sort(),
  )
  expect(await page.getByText('Let go to upload').count()).toBe(0)
})

it('takes files that are dropped', async () => {
  const { page } = await openAsUser()
  await drop(page, join(folder, 'outer.txt'), join(folder, 'inner', '0.txt'))
  await waitForUploads(page, 'done', 2)
  await page.getByRole('link', { name: 'outer.txt' }).waitFor()
})

it('takes a folder that is chosen', async () => {
  const { page } = await openAsUser()
  const names = await collectNames(page)
  const picker = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload a folder' }).first().click()
  await (await picker).setFiles(folder)
  await page.getByText(`${MANY + 2} failed`).waitFor()
  expect(names).toContain('deep.txt')
})

it('takes a file that is pasted, and leaves pasted text alone', async () => {
  const { page } = await openAsUser()
  await page.evaluate(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['pasted'], 'pasted.txt', { type: 'text/plain' }))
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))
  })
  await waitForUploads(page, 'done', 1)
  const kept = await page.evaluate(() => {
    const transfer = new DataTransfer()
    transfer.setData('text/plain', 'words')
    const paste = new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
    return document.body.dispatchEvent(paste)
  })
  expect(kept, 'the browser pastes text itself').toBe(true)
  expect(await page.locator('.upload').count()).toBe(1)
})
