/** The upload queue: its state, what happens to it, and what is due. */
import type { Fault, Grant, Problem } from './faults'

/** At most this many files are hashed, sent or confirmed at a time. */
export const MAX_RUNNING = 4
/** An upload that failed this often, in any of its steps, waits for the user. */
export const MAX_TRIES = 6

/** What a file has to go through, in this order. */
export type Step = 'hash' | 'ask' | 'send' | 'confirm'
export type Phase = Step | 'done' | 'failed' | 'cancelled'

export interface Upload {
  id: number
  name: string
  size: number
  /** Whether this page has the file. If not, an earlier page had it, and it has to be chosen again. */
  present: boolean
  phase: Phase
  /** Whether an effect of this phase is under way. It has exactly one answer, apart from its progress. */
  running: boolean
  /** How often a step has failed since the user started or retried, and whether a pause has to pass first. */
  tries: number
  pausing: boolean
  sentBytes: number
  sha256: string | null
  grant: Grant | null
  /** The store may have the file already: the answer to a PUT was lost. */
  uncertain: boolean
  problem: Problem | null
  /** The phase to go on with when the user retries. */
  resume: Step
}

export interface Queue {
  /** In the order in which they were added. */
  uploads: Upload[]
  byId: Map<number, Upload>
  tally: Tally
  online: boolean
  /** Documents that have to be deleted at the service, until it has answered. */
  removals: Set<string>
  lastId: number
}

/** What is known about all uploads without looking at each: `change` in tally.ts keeps it. */
export interface Tally {
  /** Uploads that are not over, and those that have failed or are done. */
  open: number
  failed: number
  done: number
  /** The bytes of the open uploads, and those of them that were sent. */
  openBytes: number
  openSentBytes: number
  running: number
  /** The ids of the uploads that wait for each step. */
  ready: Record<Step, Set<number>>
}

/** A file whose upload an earlier page has not ended, and the document that it left at the service, if any. */
export interface LeftFile {
  name: string
  size: number
  documentId: string | null
}

export type Event =
  | { type: 'added'; files: { name: string; size: number }[] }
  | { type: 'recovered'; files: LeftFile[] }
  /** The file of a recovered upload was chosen again. */
  | { type: 'chosen'; id: number }
  | { type: 'hashed'; id: number; sha256: string | null }
  | { type: 'granted'; id: number; grant: Grant }
  | { type: 'progressed'; id: number; bytes: number }
  | { type: 'sent'; id: number }
  | { type: 'confirmed'; id: number }
  | { type: 'failed'; id: number; fault: Fault }
  | { type: 'woke'; id: number }
  | { type: 'cancelled'; id: number }
  | { type: 'retried'; id: number }
  /** Takes uploads that are over off the list. */
  | { type: 'cleared' }
  | { type: 'removed'; documentId: string }
  | { type: 'wentOnline' }
  | { type: 'wentOffline' }

export type Effect =
  | { type: 'hash'; id: number }
  | { type: 'ask'; id: number; sha256: string | null }
  | { type: 'send'; id: number; grant: Grant }
  | { type: 'confirm'; id: number; documentId: string }
  | { type: 'abort'; id: number }
  | { type: 'wake'; id: number; tries: number; seconds: number | null }
  /** Deletes a document, again and again until the service has answered. */
  | { type: 'remove'; documentId: string }

/** The effects that are steps of an upload. Each has exactly one answer. */
export type StepEffect = Extract<Effect, { type: Step }>

export function newQueue(): Queue {
  const ready = {
    hash: new Set<number>(),
    ask: new Set<number>(),
    send: new Set<number>(),
    confirm: new Set<number>(),
  }
  const tally = { open: 0, failed: 0, done: 0, openBytes: 0, openSentBytes: 0, running: 0, ready }
  return { uploads: [], byId: new Map(), tally, online: true, removals: new Set(), lastId: 0 }
}

export function isOver(upload: Upload): boolean {
  return upload.phase === 'done' || upload.phase === 'failed' || upload.phase === 'cancelled'
}

/** Returns whether an upload can only go on when its file is chosen again. */
export function needsFile(upload: Upload): boolean {
  return upload.phase === 'failed' && !upload.present && upload.resume !== 'confirm'
}

export function newUpload(id: number, file: { name: string; size: number }): Upload {
  return {
    id,
    ...file,
    present: true,
    phase: 'hash',
    running: false,
    tries: 0,
    pausing: false,
    sentBytes: 0,
    sha256: null,
    grant: null,
    uncertain: false,
    problem: null,
    resume: 'hash',
  }
}
