/**
 * The upload queue as a state machine: `apply` changes the state by one event, and returns the effects that
 * are due. It starts nothing itself, so that tests can lose, delay and repeat every answer.
 */
import { type Effect, type Event, MAX_RUNNING, type Queue, type Step, type Upload, newUpload } from './queue'
import { change, insert } from './tally'
import { cancel, clear, enter, fail, recover, remove, retry } from './transitions'

export function apply(queue: Queue, event: Event): Effect[] {
  const effects: Effect[] = []
  take(queue, event, effects)
  if (event.type !== 'progressed') start(queue, effects)
  return effects
}

function take(queue: Queue, event: Event, effects: Effect[]): void {
  switch (event.type) {
    case 'added':
      for (const file of event.files) insert(queue, newUpload(++queue.lastId, file))
      return
    case 'recovered':
      for (const file of event.files) insert(queue, recover(++queue.lastId, file))
      return
    case 'cleared':
      clear(queue, effects)
      return
    case 'removed':
      queue.removals.delete(event.documentId)
      return
    case 'wentOnline':
    case 'wentOffline':
      queue.online = event.type === 'wentOnline'
      return
  }
  const upload = queue.byId.get(event.id)
  if (!upload) {
    if (event.type === 'granted') remove(queue, event.grant, effects)
  } else if (event.type === 'woke') {
    change(queue, upload, { pausing: false })
  } else if (event.type === 'cancelled') {
    cancel(queue, upload, effects)
  } else if (event.type === 'retried') {
    retry(queue, upload)
  } else if (event.type === 'chosen') {
    upload.present = true
    retry(queue, upload)
  } else if (upload.running) {
    answer(queue, upload, event, effects)
  } else if (event.type === 'granted') {
    // The upload was cancelled while it asked. Only this answer names the document.
    remove(queue, event.grant, effects)
  }
}

type Answer = Extract<Event, { type: 'hashed' | 'granted' | 'progressed' | 'sent' | 'confirmed' | 'failed' }>

function answer(queue: Queue, upload: Upload, event: Answer, effects: Effect[]): void {
  switch (event.type) {
    case 'progressed':
      change(queue, upload, { sentBytes: event.bytes })
      return
    case 'hashed':
      upload.sha256 = event.sha256
      enter(queue, upload, 'ask')
      return
    case 'granted':
      upload.grant = event.grant
      enter(queue, upload, 'send')
      return
    case 'sent':
      enter(queue, upload, 'confirm')
      return
    case 'confirmed':
      enter(queue, upload, 'done')
      return
    case 'failed':
      fail(queue, upload, event.fault, effects)
  }
}

const ORDER: Step[] = ['confirm', 'send', 'ask', 'hash']

/** Starts uploads while there is room: those first that are nearest to their end. */
function start(queue: Queue, effects: Effect[]): void {
  const { tally, byId } = queue
  if (!queue.online) return
  for (const step of ORDER) {
    for (const id of tally.ready[step]) {
      if (tally.running >= MAX_RUNNING) return
      const upload = byId.get(id)
      if (!upload) continue
      change(queue, upload, { running: true })
      effects.push(effectOf(upload, step))
    }
  }
}

function effectOf(upload: Upload, step: Step): Effect {
  const { id, sha256, grant } = upload
  if (step === 'hash') return { type: 'hash', id }
  if (step === 'ask' || !grant) return { type: 'ask', id, sha256 }
  if (step === 'send') return { type: 'send', id, grant }
  return { type: 'confirm', id, documentId: grant.documentId }
}
