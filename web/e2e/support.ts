/** A browser on the page of a running stack, accounts to use it with, and what must never happen on the page. */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'

import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'

export const PAGE_URL = required('PAGE_URL')
export const PASSWORD = 'Correct-Horse-7'
/** Letters and colours are drawn the same on every machine. */
const STEADY = ['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb']
/** The requests to the store. */
export const PUT = /X-Amz-Signature/
const SHOTS = process.env['SCREENSHOTS']

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set. ./dev test sets it.`)
  return value
}

let browser: Browser
let contexts: BrowserContext[] = []
let violations: string[] = []

beforeAll(async () => {
  // Chromium's own sandbox does not work for root, as which containers run it.
  browser = await chromium.launch({
    executablePath: required('CHROMIUM'),
    args: [...STEADY, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
})
afterAll(() => browser.close())
afterEach(async ({ task }) => {
  const found = violations
  if (task.result?.state === 'fail') await tellProblems()
  await Promise.all(contexts.map((context) => context.close()))
  contexts = []
  violations = []
  expect(found, 'violations of the content security policy, exceptions and dialogs').toEqual([])
})

/** Prints what the pages of a failed test tell their reader. The rest of a view may have secrets. */
async function tellProblems(): Promise<void> {
  for (const page of contexts.flatMap((context) => context.pages())) {
    const said = await page.locator('h1, [role=alert], [role=status]').allInnerTexts()
    console.error(`The page ${new URL(page.url()).pathname} says: ${said.filter(Boolean).join(' | ')}`)
  }
}

export interface View {
  width?: number
  height?: number
  theme?: 'light' | 'dark'
}

/** On a desk and on a phone, in both themes. */
export const VIEWS: View[] = [
  { width: 1280, height: 800, theme: 'light' },
  { width: 1280, height: 800, theme: 'dark' },
  { width: 390, height: 844, theme: 'light' },
  { width: 390, height: 844, theme: 'dark' },
]

/** Opens a browser window with cookies of its own. */
export async function openContext({
  width = 1280,
  height = 800,
  theme = 'light',
}: View = {}): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'UTC',
    baseURL: PAGE_URL,
  })
  contexts.push(context)
  await context.exposeFunction('reportViolation', (text: string) => violations.push(text))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (window as unknown as { reportViolation: (text: string) => void }).reportViolation
      report(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`)
    })
  })
  return context
}

export async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => violations.push(`exception: ${error.message}`))
  page.on('dialog', (dialog) => {
    // Leaving while uploads run asks first. Nothing else does.
    if (dialog.type() !== 'beforeunload') violations.push(`dialog: ${dialog.message()}`)
    void dialog.accept()
  })
  return page
}

let accounts = 0
export function newEmail(): string {
  accounts += 1
  return `page-${Date.now()}-${accounts}@example.org`
}

/** Sends a request to the API, apart from the browser. */
export async function callApi(method: string, path: string, token: string | null, body?: unknown) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(PAGE_URL + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()

  return { status: answer.status, body: text ? JSON.parse(text) : null }
}

/** Registers an account from a loopback address of its own: the service limits registrations per address. */
async function register(email: string): Promise<void> {
  const localAddress = `127.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`
  const options = { method: 'POST', family: 4, localAddress, headers: { 'content-type': 'application/json' } }
  const sending = request(`${PAGE_URL}/api/auth/register`, options)
  sending.end(JSON.stringify({ email, password: PASSWORD }))
  const [answer] = (await once(sending, 'response')) as [IncomingMessage]
  answer.resume()
  expect(answer.statusCode).toBe(201)
}

/** Creates an account, and returns its address and a token of another session than the browser's. */
export async function newAccount(): Promise<{ email: string; token: string }> {
  const email = newEmail()
  await register(email)
  const { body } = await callApi('POST', '/api/auth/login', null, { email, password: PASSWORD })
  return { email, token: body.access_token }
}

/** Creates an administrator with the program of operators, and returns a temporary password. */
export function newAdministrator(): { email: string; temporary: string } {
  const email = newEmail()
  const printed = execFileSync(required('DEV_SCRIPT'), ['admin', email], { encoding: 'utf8' })
  const temporary = /temporary password (\S+)/.exec(printed)?.[1]
  if (!temporary) throw new Error(`./dev admin printed ${printed}`)
  return { email, temporary }
}

/** Sets the quota of an account, as an administrator. */
export async function setLimit(email: string, limit_bytes: number): Promise<void> {
  const { email: admin, temporary } = newAdministrator()
  const { body: first } = await callApi('POST', '/api/auth/login', null, {
    email: admin,
    password: temporary,
  })
  const change = { current_password: temporary, new_password: PASSWORD }
  const { body: second } = await callApi('POST', '/api/auth/change-password', first.access_token, change)
  const { body: found } = await callApi(
    'GET',
    `/api/admin/users?q=${encodeURIComponent(email)}`,
    second.access_token,
  )
  const set = await callApi('PUT', `/api/admin/users/${found.items[0].id}/quota`, second.access_token, {
    limit_bytes,
  })
  expect(set.status).toBe(200)
}

export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Opens the page as a new account. */
export async function openAsUser(view: View = {}) {
  const account = await newAccount()
  const context = await openContext(view)
  const page = await openPage(context)
  await signIn(page, account.email)
  await page.getByRole('heading', { name: 'Documents', exact: true }).waitFor()
  return { ...account, context, page }
}

/** Opens the page as a new administrator, who has changed the temporary password. */
export async function openAsAdministrator(view: View = {}) {
  const { email, temporary } = newAdministrator()
  const context = await openContext(view)
  const page = await openPage(context)
  await signIn(page, email, temporary)
  await page.getByText('Your password is a temporary one').waitFor()
  await page.getByLabel('Current password').fill(temporary)
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('New password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Accounts' }).waitFor()
  return { email, context, page }
}

export interface TestFile {
  name: string
  mimeType: string
  buffer: Buffer
}

export function textFile(
  name: string,
  text = 'Invoice number 7. Total amount due: 12 EUR, payable within 30 days.',
): TestFile {
  return { name, mimeType: 'text/plain', buffer: Buffer.from(text) }
}

export async function choose(page: Page, ...files: TestFile[]): Promise<void> {
  await page.locator('input[data-files]').first().setInputFiles(files)
}

/** Waits until so many uploads are in this phase. */
export async function waitForUploads(page: Page, phase: string, count: number): Promise<void> {
  await page
    .locator(`.upload[data-phase="${phase}"]`)
    .nth(count - 1)
    .waitFor()
}

/** Takes a picture of the view if `SCREENSHOTS` names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: `${SHOTS}/${name}.png` })
}

/** Returns the violations of accessibility rules in the view. */
export async function findBarriers(page: Page): Promise<string[]> {
  const source = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
  await page.evaluate(source)
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run: () => Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations: found } = await axe.run()
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`))
  })
}
