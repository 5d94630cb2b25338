/**
 * The access token. It is kept in memory only. The refresh token, which is in a cookie that no script can
 * read, is exchanged for the next one. Tabs share the cookie, so that they take turns.
 */
import type { components } from './schema'

export type AccessToken = components['schemas']['AccessToken']

/** Seconds before its end at which a token is replaced. */
const MARGIN = 30

let current: { text: string; endsAt: number } | null = null
let renewal: Promise<string | null> | null = null

/** What to do when the session has ended, and when a token was renewed. The latter returns whether the account is the same. */
export const listeners = {
  onEnd: (): void => undefined,
  onRenewed: (accountId: string): boolean => accountId !== '',
}

/** Keeps the token of a sign-in, or of a change that has replaced the session's token. */
export function keepToken(token: AccessToken): void {
  current = { text: token.access_token, endsAt: Date.now() + (token.expires_in - MARGIN) * 1000 }
}

export function forgetToken(): void {
  current = null
}

/** Returns a token that is still valid, or null if nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (!current) return null
  return Date.now() < current.endsAt ? current.text : renewToken(current.text)
}

/** Returns another token than the one that was refused, or null if the session has ended. */
export async function renewToken(refused: string | null): Promise<string | null> {
  if (current && current.text !== refused) return current.text
  renewal ??= inTurn(refresh).finally(() => (renewal = null))
  return renewal
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks.request('docuvault-refresh', work)
}

async function refresh(): Promise<string | null> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch('/api/auth/refresh', { method: 'POST', headers, body: '{}' })
  if (answer.ok) {
    const token = (await answer.json()) as AccessToken
    keepToken(token)
    return listeners.onRenewed(subjectOf(token.access_token)) ? token.access_token : null
  }
  // Any other refusal may be temporary: the session may still be alive.
  if (answer.status !== 401) throw new TypeError(`the session could not be renewed (${answer.status})`)
  forgetToken()
  listeners.onEnd()
  return null
}

/** Returns the id of the account that a token is for. */
export function subjectOf(token: string): string {
  const payload = token.split('.')[1] ?? ''
  const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'))
  return String((JSON.parse(text) as { sub?: unknown }).sub)
}
