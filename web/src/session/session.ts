/** Who is signed in. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

import { type Account, api, openApi } from '../api/client'
import { Refused, toProblem } from '../api/problem'
import { forgetToken, keepToken, listeners, renewToken } from '../api/token'
import type { Problem } from '../upload/faults'
import { dropAll } from '../upload/notes'
import { firstAccount } from './first'
import { signChallenge } from './passkey'

/** Tells the other tabs that the account of the cookie has changed. */
const channel = new BroadcastChannel('docuvault-session')
/** What forgets an account's data. Each store that has some adds its own. */
const cleaners = new Set<() => void>()

export function onAccountChange(clean: () => void): void {
  cleaners.add(clean)
}

export type Outcome = { problem: Problem } | { challenge: string } | null

export const useSession = defineStore('session', () => {
  const account = ref<Account | null>(null)
  /** Why the last session is over, if the reader did not end it. */
  const ended = ref(false)
  /** Is resolved once it is known whether somebody is signed in. */
  let known: Promise<void> | null = null

  function forgetAccount(): void {
    account.value = null
    for (const clean of cleaners) clean()
  }

  function clear(): void {
    forgetToken()
    forgetAccount()
  }

  async function load(): Promise<void> {
    const { data, error } = await api.GET('/api/auth/me')
    if (error) throw new Refused(toProblem(error))
    if (account.value && account.value.id !== data.id) forgetAccount()
    account.value = data
  }

  /** Finds out who is signed in, once. If the service does not answer, it is asked again the next time. */
  function begin(): Promise<void> {
    known ??= firstAccount()
      .then((found) => void (account.value = found))
      .catch((error: unknown) => {
        known = null
        throw error
      })
    return known
  }

  async function resume(): Promise<void> {
    if (await renewToken(null)) await load()
  }

  async function signIn(email: string, password: string): Promise<Outcome> {
    const { data, error } = await openApi.POST('/api/auth/login', { body: { email, password } })
    if (error) return { problem: toProblem(error) }
    if ('challenge' in data) return { challenge: data.challenge }
    return enter(data)
  }

  async function answerChallenge(challenge: string, code: string): Promise<Outcome> {
    const { data, error } = await openApi.POST('/api/auth/login/factor', { body: { challenge, code } })
    return error ? { problem: toProblem(error) } : enter(data)
  }

  async function enter(token: Parameters<typeof keepToken>[0]): Promise<null> {
    clear()
    keepToken(token)
    ended.value = false
    await load()
    channel.postMessage('changed')
    return null
  }

  /** Signs in with a passkey of this device. */
  async function signInWithPasskey(): Promise<Outcome> {
    const challenge = await openApi.POST('/api/auth/passkeys/challenge')
    if (challenge.error) return { problem: toProblem(challenge.error) }
    const credential = await signChallenge(challenge.data.options)
    if (!credential) return { problem: { code: 'passkey_cancelled' } }
    const body = { challenge_id: challenge.data.challenge_id, credential }
    const { data, error } = await openApi.POST('/api/auth/passkeys', { body })
    return error ? { problem: toProblem(error) } : enter(data)
  }

  async function changePassword(current: string, next: string): Promise<Outcome> {
    const body = { current_password: current, new_password: next }
    const { data, error } = await api.POST('/api/auth/change-password', { body })
    if (error) return { problem: toProblem(error) }
    keepToken(data)
    await load()
    return null
  }

  /** Ends the session. If the service cannot be reached, the session stays, and the outcome says so. */
  async function signOut(): Promise<Outcome> {
    const { error } = await openApi.POST('/api/auth/logout')
    if (error) return { problem: toProblem(error) }
    leave()
    return null
  }

  /** Forgets the account in all tabs, after its session has ended. The next reader may be somebody else. */
  function leave(): void {
    clear()
    void dropAll()
    channel.postMessage('changed')
  }

  listeners.onEnd = () => {
    ended.value = account.value !== null
    clear()
  }
  listeners.onRenewed = (id) => {
    // Another tab has signed in as somebody else: what this tab shows is not that account's.
    if (!account.value || account.value.id === id) return true
    forgetAccount()
    void load()
    return false
  }
  channel.onmessage = () => {
    forgetToken()
    void resume().catch(clear)
  }

  return {
    account,
    ended,
    begin,
    load,
    signIn,
    answerChallenge,
    signInWithPasskey,
    changePassword,
    signOut,
    leave,
  }
})
