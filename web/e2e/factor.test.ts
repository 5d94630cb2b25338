/** The second factor: set up on the page, and asked for at the next sign-in. */
import { createHmac } from 'node:crypto'

import { expect, it } from 'vitest'

import { PASSWORD, openAsUser, shoot, signIn } from './support'

/** Returns the code of RFC 6238 for a time step of 30 seconds, counted from now. */
function totp(secret: string, step: number): string {
  const bits = Array.from(secret, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('')
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? [])
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step))
  const hash = createHmac('sha1', key).update(counter).digest()
  const offset = (hash.at(-1) ?? 0) & 15
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

it('is set up with a code, and then asked for; a backup code works, too', async () => {
  const { page, email } = await openAsUser()
  await page.goto('/account')
  await page.getByRole('button', { name: 'Set up' }).click()
  const card = page.getByRole('region', { name: 'Authenticator app' })
  await card.getByLabel('Current password').fill(PASSWORD)
  await card.getByRole('button', { name: 'Continue' }).click()
  const secret = (await card.locator('code').textContent()) ?? ''
  await shoot(page, 'authenticator')
  await card.getByLabel('Code').fill(totp(secret.replaceAll(' ', ''), 0))
  await card.getByRole('button', { name: 'Turn on' }).click()
  await card.locator('.codes li').nth(9).waitFor()
  const codes = await card.locator('.codes li').allTextContents()
  expect(codes).toHaveLength(10)
  for (const code of [totp(secret, 1), codes[0] ?? '']) {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await signIn(page, email)
    await page.getByLabel('Code').fill('000000')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('The code is wrong').waitFor()
    await page.getByLabel('Code').fill(code)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Documents', exact: true }).waitFor()
  }
})

it('signs in with a passkey until the passkey is removed', async () => {
  const { page } = await openAsUser()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto('/account')
  const card = page.getByRole('region', { name: 'Passkeys' })
  await card.getByRole('button', { name: 'Add a passkey' }).click()
  await card.getByLabel('Name').fill('My key')
  await card.getByLabel('Current password').fill(PASSWORD)
  await card.getByRole('button', { name: 'Continue' }).click()
  await card.getByRole('listitem').getByText('My key').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await card.getByRole('listitem').getByRole('button', { name: 'Delete' }).click()
  await card.getByLabel('Current password').fill(PASSWORD)
  await card.getByRole('button', { name: 'Continue' }).click()
  await card.getByRole('listitem').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('The passkey was not accepted').waitFor()
})
