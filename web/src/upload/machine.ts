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
  type LeftFile,
  type Upload,
  needsFile,
  newUpload,
} from './queue'
import { change, insert, removeEnded } from './tally'

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

function fail(queue: Queue, upload: Upload, fault: Fault, effects: Effect[]): void {
  if (fault.kind === 'stored') return enter(queue, upload, 'confirm')
  if (!upload.present && (fault.kind === 'absent' || fault.kind === 'gone')) {
    giveUpGrant(queue, upload, effects)
    return stop(queue, upload, { kind: 'missing' })
  }
  if (fault.kind === 'absent') {
    // The store has said that it does not have the file, so nothing is uncertain any more.
    change(queue, upload, { uncertain: false, sentBytes: 0 })
    return again(queue, upload, fault, effects, 'send')
  }
  if (fault.kind === 'expired') {
    // The URL may have been used before: only the service can tell.
    if (upload.uncertain) return enter(queue, upload, 'confirm')
    giveUpGrant(queue, upload, effects)
    return again(queue, upload, fault, effects, 'ask')
  }
  if (isFinal(fault)) {
    // The row of a document that is gone has taken the object with it.
    if (fault.kind === 'gone') forgetGrant(queue, upload)
    if (fault.kind === 'refused') giveUpGrant(queue, upload, effects)
    return stop(queue, upload, fault)
  }
  if (upload.phase === 'send') change(queue, upload, { uncertain: true, sentBytes: 0 })
  again(queue, upload, fault, effects, upload.phase as Step)
}

/** Tries a step again after a pause, or gives up if it was tried too often. Failures while offline do not count. */
function again(queue: Queue, upload: Upload, fault: Fault, effects: Effect[], step: Step): void {
  const tries = queue.online ? upload.tries + 1 : upload.tries
  change(queue, upload, { phase: step, running: false, tries, pausing: true })
  if (tries >= MAX_TRIES) return stop(queue, upload, fault)
  effects.push({ type: 'wake', id: upload.id, tries, seconds: fault.kind === 'busy' ? fault.seconds : null })
}

function stop(queue: Queue, upload: Upload, fault: Fault): void {
  const problem = 'problem' in fault ? fault.problem : ({ code: fault.kind } satisfies Problem)
  const resume = upload.grant ? (upload.phase as Step) : upload.sha256 === null ? 'hash' : 'ask'
  const ended = { phase: 'failed', running: false, pausing: false, sentBytes: 0 } as const
  change(queue, upload, { ...ended, resume, problem })
}

function enter(queue: Queue, upload: Upload, phase: Phase): void {
  change(queue, upload, { phase, running: false, pausing: false, problem: null })
}

function retry(queue: Queue, upload: Upload): void {
  if (upload.phase !== 'failed' || needsFile(upload)) return
  upload.tries = 0
  enter(queue, upload, upload.resume)
}

/** Returns the upload of an earlier page. If the store may have the file, the service is asked first. */
function recover(id: number, { name, size, documentId }: LeftFile): Upload {
  const upload = { ...newUpload(id, { name, size }), present: false }
  if (!documentId) return { ...upload, phase: 'failed', problem: { code: 'missing' } }
  // No URL is kept. If the file is chosen while the service is asked, it gets another one.
  return { ...upload, phase: 'confirm', grant: { documentId, url: '', headers: {}, expiresAt: 0 } }
}

function cancel(queue: Queue, upload: Upload, effects: Effect[]): void {
  if (upload.phase === 'done' || upload.phase === 'cancelled') return
  if (upload.running) effects.push({ type: 'abort', id: upload.id })
  // A document that is confirmed at this moment is deleted, too.
  giveUpGrant(queue, upload, effects)
  enter(queue, upload, 'cancelled')
}

function clear(queue: Queue, effects: Effect[]): void {
  // A failed upload may have left a document that is not confirmed.
  for (const upload of removeEnded(queue)) {
    if (upload.phase === 'failed' && upload.grant) remove(queue, upload.grant, effects)
  }
}

function giveUpGrant(queue: Queue, upload: Upload, effects: Effect[]): void {
  if (upload.grant) remove(queue, upload.grant, effects)
  forgetGrant(queue, upload)
}

function forgetGrant(queue: Queue, upload: Upload): void {
  change(queue, upload, { grant: null, uncertain: false, sentBytes: 0 })
}

function remove(queue: Queue, grant: Grant, effects: Effect[]): void {
  queue.removals.add(grant.documentId)
  effects.push({ type: 'remove', documentId: grant.documentId })
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
