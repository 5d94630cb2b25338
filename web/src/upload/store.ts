/** The upload queue of this tab: it carries the machine's effects out, and tells the machine what has happened. */
import { defineStore } from 'pinia'
import { computed, reactive, watch } from 'vue'

import { useQuota } from '../quota/quota'
import { onAccountChange, useSession } from '../session/session'
import type { Fault } from './faults'
import { hash } from './hash'
import { apply } from './machine'
import { takeOver } from './notes'
import { type Effect, type Event, type StepEffect, type Upload, isOver, newQueue } from './queue'
import { newRate } from './rate'
import * as steps from './steps'
import { newUnfinished } from './unfinished'

/** The longest pause before a step is tried again by itself, in seconds. */
const MAX_PAUSE = 30

export const useUploads = defineStore('uploads', () => {
  const queue = reactive(newQueue())
  const [quota, session] = [useQuota(), useSession()]
  const unfinished = newUnfinished(queue)
  const files = new Map<number, File>()
  const aborts = new Map<number, AbortController>()
  const confirmedListeners = new Set<(documentId: string) => void>()
  const rate = newRate()
  /** Answers to effects of an earlier account are dropped. */
  let era = 0

  const runningBytes = computed(() => queue.tally.openBytes)
  const secondsLeft = computed(() => rate.secondsFor(queue.tally.openBytes - queue.tally.openSentBytes))

  function dispatch(event: Event): void {
    for (const effect of apply(queue, event)) void carryOut(effect, era)
    unfinished.follow(event)
    rate.measure(queue.tally.openSentBytes, queue.tally.open > 0)
  }

  /** Uploads files. Those that an earlier page has not ended go on. */
  function add(chosen: File[]): void {
    const fresh = chosen.filter((file) => !goOn(file))
    const first = queue.lastId + 1
    fresh.forEach((file, index) => files.set(first + index, file))
    unfinished.begin(session.account?.id ?? '', fresh, first)
    dispatch({ type: 'added', files: fresh.map(({ name, size }) => ({ name, size })) })
  }

  function goOn(file: File): boolean {
    const id = unfinished.claim(file)
    if (id === null) return false
    files.set(id, file)
    dispatch({ type: 'chosen', id })
    return true
  }

  /** Lists the uploads that earlier pages of the account have not ended. */
  async function recover(account: string): Promise<void> {
    const begun = era
    const notes = await takeOver(account)
    if (begun !== era || notes.length === 0) return
    unfinished.recover(notes, queue.lastId + 1)
    dispatch({ type: 'recovered', files: notes })
  }

  /** Sends an event for each upload, the last one first: so none starts that is about to be cancelled. */
  function forEach(test: (upload: Upload) => boolean, type: 'cancelled' | 'retried'): void {
    for (const { id } of queue.uploads.filter(test).reverse()) dispatch({ type, id })
  }

  async function carryOut(effect: Effect, begun: number): Promise<void> {
    const event = await resultOf(effect)
    if (event && begun === era) dispatch(event)
  }

  async function resultOf(effect: Effect): Promise<Event | null> {
    switch (effect.type) {
      case 'abort':
        aborts.get(effect.id)?.abort()
        return null
      case 'wake':
        await pause(effect.seconds ?? Math.min(2 ** (effect.tries - 1), MAX_PAUSE))
        return { type: 'woke', id: effect.id }
      case 'remove':
        return removeUntilAnswered(effect.documentId)
      default:
        return stepOf(effect)
    }
  }

  async function stepOf(effect: StepEffect): Promise<Event | null> {
    const { id } = effect
    const failure = (fault: Fault): Event => ({ type: 'failed', id, fault })
    if (effect.type === 'confirm') {
      const result = await confirm(effect)
      return result ? failure(result.fault) : { type: 'confirmed', id }
    }
    const file = files.get(id)
    if (!file) return failure({ kind: 'unreadable' })
    if (effect.type === 'hash') {
      const sha256 = await hash(file)
      return sha256 === 'unreadable' ? failure({ kind: 'unreadable' }) : { type: 'hashed', id, sha256 }
    }
    if (effect.type === 'ask') {
      const grant = await steps.ask(file, effect.sha256)
      return 'fault' in grant ? failure(grant.fault) : { type: 'granted', id, grant }
    }
    const result = await send(file, effect)
    return result ? failure(result.fault) : { type: 'sent', id }
  }

  async function confirm({ id, documentId }: Extract<Effect, { type: 'confirm' }>) {
    const begun = era
    const result = await steps.confirm(documentId)
    if ('fault' in result) return result
    // Another account's figures would be wrong.
    if (begun !== era) return null
    quota.setUsed(result.usedBytes)
    for (const listener of confirmedListeners) listener(documentId)
    files.delete(id)
    return null
  }

  async function send(file: File, { id, grant }: Extract<Effect, { type: 'send' }>) {
    const abort = new AbortController()
    aborts.set(id, abort)
    const onProgress = (bytes: number) =>
      dispatch({ type: 'progressed', id, bytes: Math.min(bytes, file.size) })
    const result = await steps.send(file, grant, onProgress, abort.signal)
    aborts.delete(id)
    return result
  }

  async function removeUntilAnswered(documentId: string): Promise<Event> {
    const begun = era
    for (let tries = 0; begun === era && !(await steps.remove(documentId)); tries += 1)
      await pause(Math.min(2 ** tries, MAX_PAUSE))
    void quota.refresh()
    return { type: 'removed', documentId }
  }

  function clear(): void {
    era += 1
    for (const abort of aborts.values()) abort.abort()
    files.clear()
    aborts.clear()
    unfinished.clear()
    Object.assign(queue, newQueue(), { online: navigator.onLine })
  }

  onAccountChange(clear)
  watch(
    () => session.account?.id,
    (account) => account && void recover(account),
    { immediate: true },
  )
  queue.online = navigator.onLine
  window.addEventListener('online', () => dispatch({ type: 'wentOnline' }))
  window.addEventListener('offline', () => dispatch({ type: 'wentOffline' }))
  window.addEventListener('beforeunload', (event) => {
    if (queue.tally.open > 0 || queue.removals.size > 0) event.preventDefault()
  })

  return {
    queue,
    runningBytes,
    secondsLeft,
    add,
    cancel: (id: number) => dispatch({ type: 'cancelled', id }),
    retry: (id: number) => dispatch({ type: 'retried', id }),
    retryAll: () => forEach((upload) => upload.phase === 'failed', 'retried'),
    cancelAll: () => forEach((upload) => !isOver(upload), 'cancelled'),
    clearList: () => dispatch({ type: 'cleared' }),
    onConfirmed: (listener: (documentId: string) => void) => confirmedListeners.add(listener),
  }
})

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

/** Returns the progress from 0 to 1. It is 1 only when the service has confirmed the upload. */
export function progressOf(upload: Upload): number {
  if (upload.phase === 'done') return 1
  return upload.size === 0 ? 0 : Math.min(upload.sentBytes / upload.size, 1) * 0.97
}
