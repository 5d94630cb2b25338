/** The upload queue of this tab: it carries the machine's effects out, and tells the machine what has happened. */
import { defineStore } from 'pinia'
import { computed, reactive } from 'vue'

import { useQuota } from '../quota/quota'
import { onAccountChange } from '../session/session'
import type { Fault } from './faults'
import { hash } from './hash'
import { apply } from './machine'
import { type Effect, type Event, type StepEffect, type Upload, isOver, newQueue } from './queue'
import { newRate } from './rate'
import * as steps from './steps'

/** The longest pause before a step is tried again by itself, in seconds. */
const MAX_PAUSE = 30

export const useUploads = defineStore('uploads', () => {
  const queue = reactive(newQueue())
  const quota = useQuota()
  const files = new Map<number, File>()
  const aborts = new Map<number, AbortController>()
  const confirmedListeners = new Set<(documentId: string) => void>()
  const rate = newRate()
  /** Answers to effects of an earlier account are dropped. */
  let era = 0

  const open = computed(() => queue.uploads.filter((upload) => !isOver(upload)))
  const failed = computed(() => queue.uploads.filter((upload) => upload.phase === 'failed'))
  const runningBytes = computed(() => open.value.reduce((sum, upload) => sum + upload.size, 0))
  const openSentBytes = computed(() => open.value.reduce((sum, upload) => sum + upload.sentBytes, 0))
  const secondsLeft = computed(() => rate.secondsFor(runningBytes.value - openSentBytes.value))

  function dispatch(event: Event): void {
    for (const effect of apply(queue, event)) void carryOut(effect, era)
    rate.measure(openSentBytes.value, open.value.length > 0)
  }

  function add(chosen: File[]): void {
    const first = queue.lastId + 1
    chosen.forEach((file, index) => files.set(first + index, file))
    dispatch({ type: 'added', files: chosen.map(({ name, size }) => ({ name, size })) })
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
    if (effect.type === 'send') {
      const result = await send(file, effect)
      return result ? failure(result.fault) : { type: 'sent', id }
    }
    const result = await steps.confirm(effect.documentId)
    if ('fault' in result) return failure(result.fault)
    quota.setUsed(result.usedBytes)
    for (const listener of confirmedListeners) listener(effect.documentId)
    files.delete(id)
    return { type: 'confirmed', id }
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
    Object.assign(queue, newQueue(), { online: navigator.onLine })
  }

  onAccountChange(clear)
  queue.online = navigator.onLine
  window.addEventListener('online', () => dispatch({ type: 'wentOnline' }))
  window.addEventListener('offline', () => dispatch({ type: 'wentOffline' }))
  window.addEventListener('beforeunload', (event) => {
    if (open.value.length > 0) event.preventDefault()
  })

  return {
    queue,
    open,
    failed,
    runningBytes,
    secondsLeft,
    add,
    cancel: (id: number) => dispatch({ type: 'cancelled', id }),
    retry: (id: number) => dispatch({ type: 'retried', id }),
    retryAll: () => failed.value.forEach(({ id }) => dispatch({ type: 'retried', id })),
    cancelAll: () => open.value.forEach(({ id }) => dispatch({ type: 'cancelled', id })),
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
