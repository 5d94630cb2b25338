/**
 * The upload queue as a state machine: `apply` changes the state by one event, and returns the effects that
 * are due. It starts nothing itself, so that tests can lose, delay and repeat every answer.
 */
import { type Fault, type Grant, type Problem, isFinal } from './faults'
import {
  type Effect,
  type Event,
  MAX_RUNNING,
  MAX_TRIES,
  type Phase,
  type Queue,
  type Step,
  type Upload,
  isOver,
  newUpload,
} from './queue'

export function apply(queue: Queue, event: Event): Effect[] {
  const effects: Effect[] = []
  change(queue, event, effects)
  if (event.type !== 'progressed') start(queue, effects)
  return effects
}

function change(queue: Queue, event: Event, effects: Effect[]): void {
  switch (event.type) {
    case 'added':
      for (const file of event.files) queue.uploads.push(newUpload(++queue.lastId, file))
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
  const upload = find(queue, event.id)
  if (!upload) {
    if (event.type === 'granted') remove(queue, event.grant, effects)
  } else if (event.type === 'woke') {
    upload.pausing = false
  } else if (event.type === 'cancelled') {
    cancel(queue, upload, effects)
  } else if (event.type === 'retried') {
    if (upload.phase !== 'failed') return
    upload.tries = 0
    enter(upload, upload.resume)
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
      upload.sentBytes = event.bytes
      return
    case 'hashed':
      upload.sha256 = event.sha256
      enter(upload, 'ask')
      return
    case 'granted':
      upload.grant = event.grant
      enter(upload, 'send')
      return
    case 'sent':
      enter(upload, 'confirm')
      return
    case 'confirmed':
      enter(upload, 'done')
      return
    case 'failed':
      fail(queue, upload, event.fault, effects)
  }
}

function fail(queue: Queue, upload: Upload, fault: Fault, effects: Effect[]): void {
  if (fault.kind === 'stored') return enter(upload, 'confirm')
  if (fault.kind === 'absent') {
    // The store has said that it does not have the file, so nothing is uncertain any more.
    upload.uncertain = false
    upload.sentBytes = 0
    return again(queue, upload, fault, effects, 'send')
  }
  if (fault.kind === 'expired') {
    // The URL may have been used before: only the service can tell.
    if (upload.uncertain) return enter(upload, 'confirm')
    giveUpGrant(queue, upload, effects)
    return again(queue, upload, fault, effects, 'ask')
  }
  if (isFinal(fault)) {
    if (fault.kind === 'refused') giveUpGrant(queue, upload, effects)
    // The row is gone, and the object with it.
    if (fault.kind === 'gone') forgetGrant(upload)
    return stop(upload, fault)
  }
  if (upload.phase === 'send') {
    upload.uncertain = true
    upload.sentBytes = 0
  }
  again(queue, upload, fault, effects, upload.phase as Step)
}

/** Tries a step again after a pause, or gives up if it was tried too often. Failures while offline do not count. */
function again(queue: Queue, upload: Upload, fault: Fault, effects: Effect[], step: Step): void {
  const tries = queue.online ? upload.tries + 1 : upload.tries
  upload.phase = step
  if (tries >= MAX_TRIES) return stop(upload, fault)
  Object.assign(upload, { running: false, tries, pausing: true })
  effects.push({ type: 'wake', id: upload.id, tries, seconds: fault.kind === 'busy' ? fault.seconds : null })
}

function stop(upload: Upload, fault: Fault): void {
  const problem = 'problem' in fault ? fault.problem : ({ code: fault.kind } satisfies Problem)
  const step = isOver(upload) ? upload.resume : (upload.phase as Step)
  Object.assign(upload, { resume: upload.grant ? step : upload.sha256 === null ? 'hash' : 'ask', problem })
  Object.assign(upload, { phase: 'failed', running: false, pausing: false, sentBytes: 0 })
}

function enter(upload: Upload, phase: Phase): void {
  Object.assign(upload, { phase, running: false, pausing: false, problem: null })
}

function cancel(queue: Queue, upload: Upload, effects: Effect[]): void {
  if (upload.phase === 'done' || upload.phase === 'cancelled') return
  if (upload.running) effects.push({ type: 'abort', id: upload.id })
  // A document that is confirmed at this moment is deleted, too.
  giveUpGrant(queue, upload, effects)
  enter(upload, 'cancelled')
}

function clear(queue: Queue, effects: Effect[]): void {
  const over = queue.uploads.filter(isOver)
  // A failed upload may have left a document that is not confirmed.
  for (const upload of over) if (upload.phase === 'failed') giveUpGrant(queue, upload, effects)
  queue.uploads = queue.uploads.filter((upload) => !isOver(upload))
}

function giveUpGrant(queue: Queue, upload: Upload, effects: Effect[]): void {
  if (upload.grant) remove(queue, upload.grant, effects)
  forgetGrant(upload)
}

function forgetGrant(upload: Upload): void {
  Object.assign(upload, { grant: null, uncertain: false, sentBytes: 0 })
}

function remove(queue: Queue, grant: Grant, effects: Effect[]): void {
  queue.removals.add(grant.documentId)
  effects.push({ type: 'remove', documentId: grant.documentId })
}

const ORDER: Step[] = ['confirm', 'send', 'ask', 'hash']

/** Starts uploads while there is room: those first that are nearest to their end. */
function start(queue: Queue, effects: Effect[]): void {
  if (!queue.online) return
  let room = MAX_RUNNING - queue.uploads.filter((upload) => upload.running).length
  for (const step of ORDER) {
    if (room <= 0) return
    for (const upload of queue.uploads) {
      if (room > 0 && upload.phase === step && !upload.running && !upload.pausing) {
        upload.running = true
        effects.push(effectOf(upload, step))
        room -= 1
      }
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

function find(queue: Queue, id: number): Upload | undefined {
  return queue.uploads.find((upload) => upload.id === id)
}
