/** What the page asks first, while most of its program is still on its way: who is signed in. */
import type { components } from '../api/schema'
import { renewToken } from '../api/token'

type Account = components['schemas']['Account']
let first: Promise<Account | null> | null = null

/** Returns the account of the cookie's session, or null. Only the first call asks, unless it fails. */
export function firstAccount(): Promise<Account | null> {
  first ??= ask().catch((error: unknown) => {
    first = null
    throw error
  })
  return first
}

async function ask(): Promise<Account | null> {
  const token = await renewToken(null)
  if (!token) return null
  const answer = await fetch('/api/auth/me', { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new TypeError(`the account could not be read (${answer.status})`)
  return (await answer.json()) as Account
}
