/** How an upload goes from one state to the next. Each function adds the effects that are due. */
import { type Fault, type Grant, type Problem, isFinal } from './faults'
import {
  type Effect,
  type LeftFile,
  MAX_TRIES,
  type Phase,
  type Queue,
  type Step,
  type Upload,
  needsFile,
  newUpload,
} from './queue'
import { change, removeEnded } from './tally'

/** Does what a fault asks for: the same step again, another one, or nothing until the user acts. */
export function fail(queue: Queue, upload: Upload, fault: Fault, effects: Effect[]): void {
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

/** Goes on with another step, or ends the upload. */
export function enter(queue: Queue, upload: Upload, phase: Phase): void {
  change(queue, upload, { phase, running: false, pausing: false, problem: null })
}

/** Goes on with an upload that has failed, unless its file is missing. */
export function retry(queue: Queue, upload: Upload): void {
  if (upload.phase !== 'failed' || needsFile(upload)) return
  upload.tries = 0
  enter(queue, upload, upload.resume)
}

/** Returns the upload of an earlier page. If the store may have the file, the service is asked first. */
export function recover(id: number, { name, size, documentId }: LeftFile): Upload {
  const upload = { ...newUpload(id, { name, size }), present: false }
  if (!documentId) return { ...upload, phase: 'failed', problem: { code: 'missing' } }
  // No URL is kept. If the file is chosen while the service is asked, it gets another one.
  return { ...upload, phase: 'confirm', grant: { documentId, url: '', headers: {}, expiresAt: 0 } }
}

/** Ends an upload, and deletes its document. */
export function cancel(queue: Queue, upload: Upload, effects: Effect[]): void {
  if (upload.phase === 'done' || upload.phase === 'cancelled') return
  if (upload.running) effects.push({ type: 'abort', id: upload.id })
  // A document that is confirmed at this moment is deleted, too.
  giveUpGrant(queue, upload, effects)
  enter(queue, upload, 'cancelled')
}

/** Takes the uploads that are over off the list. */
export function clear(queue: Queue, effects: Effect[]): void {
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

/** Deletes the document of a grant. */
export function remove(queue: Queue, grant: Grant, effects: Effect[]): void {
  queue.removals.add(grant.documentId)
  effects.push({ type: 'remove', documentId: grant.documentId })
}
