/** What can go wrong in a step of an upload, and what it means for the file. */

/** The right to store one object, as the service has granted it. */
export interface Grant {
  documentId: string
  url: string
  headers: Record<string, string>
  /** The time of this machine, in milliseconds, from which on the URL is not worth trying. */
  expiresAt: number
}

/** A reason that the page explains in words. `refusal` has the numbers of a refusal by quota, in bytes. */
export interface Problem {
  code: string
  detail?: string
  refusal?: { used_bytes: number; limit_bytes: number; rejected_bytes: number }
}

export type Fault =
  /** No answer has arrived: the step may have happened, or not. */
  | { kind: 'lost' }
  /** The service or the store asks to come back later. */
  | { kind: 'busy'; seconds: number | null; problem: Problem }
  /** The store has an object under this key: an earlier answer was lost. */
  | { kind: 'stored' }
  /** The store does not accept the URL any more. */
  | { kind: 'expired' }
  /** The service says that the store does not have the object. */
  | { kind: 'absent' }
  /** The service does not know the document any more. */
  | { kind: 'gone' }
  /** The file is not accepted. The service has forgotten the document, or has to. */
  | { kind: 'refused'; problem: Problem }
  /** The file cannot be read on this machine. */
  | { kind: 'unreadable' }
  /** An earlier page had the file: it has to be chosen again. */
  | { kind: 'missing' }

/** Returns whether trying again by itself is useless. */
export function isFinal(fault: Fault): boolean {
  return fault.kind === 'refused' || fault.kind === 'gone' || fault.kind === 'unreadable'
}
