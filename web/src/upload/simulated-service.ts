/** The service and the store as the queue sees them, for the random walk: with losses, expiry and lateness. */
import type { Fault } from './faults'
import type { Effect, Event, StepEffect } from './queue'

interface Row {
  upload: number
  stored: boolean
  confirmed: boolean
  expired: boolean
}

/** What follows from an effect: an event for the queue, or the same effect again. */
export type Outcome = Event | 'again'

/** Returns a generator of numbers from 0 to 1 (mulberry32): the same seed gives the same numbers. */
export function newRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export class SimulatedService {
  private readonly rows = new Map<string, Row>()
  private lastId = 0
  lostGrants = 0

  constructor(private readonly random: () => number) {}

  expireAll(): void {
    for (const row of this.rows.values()) row.expired = true
  }

  /** Carries an effect out, and returns what the queue hears about it. */
  carryOut(effect: Effect, faulty: boolean): Outcome[] {
    const lostBefore = faulty && this.random() < 0.15
    const lostAfter = faulty && this.random() < 0.15
    switch (effect.type) {
      case 'abort':
        return []
      case 'wake':
        return [{ type: 'woke', id: effect.id }]
      case 'hash':
        return [{ type: 'hashed', id: effect.id, sha256: this.random() < 0.5 ? null : 'ab' }]
      case 'remove':
        return this.remove(effect.documentId, lostBefore, lostAfter)
    }
    const { id } = effect
    const lost: Outcome = { type: 'failed', id, fault: { kind: 'lost' } }
    if (lostBefore) return [lost]
    if (faulty && this.random() < 0.05) {
      const fault: Fault = { kind: 'busy', seconds: null, problem: { code: 'store_unreachable' } }
      return [{ type: 'failed', id, fault }]
    }
    const event = this.answer(effect)
    if (lostAfter && event.type === 'granted') this.lostGrants += 1
    return [lostAfter ? lost : event]
  }

  private remove(documentId: string, lostBefore: boolean, lostAfter: boolean): Outcome[] {
    if (!lostBefore) this.rows.delete(documentId)
    return lostBefore || lostAfter ? ['again'] : [{ type: 'removed', documentId }]
  }

  private answer(effect: StepEffect): Event {
    const { id } = effect
    const failed = (fault: Fault): Event => ({ type: 'failed', id, fault })
    if (effect.type === 'ask' || effect.type === 'hash') return this.grant(id)
    const row = this.rows.get(effect.type === 'send' ? effect.grant.documentId : effect.documentId)
    if (effect.type === 'send') {
      // A URL works without its row, as long as it has not expired.
      if (!row || row.expired) return failed({ kind: 'expired' })
      if (row.stored) return failed({ kind: 'stored' })
      row.stored = true
      return { type: 'sent', id }
    }
    if (!row) return failed({ kind: 'gone' })
    if (!row.stored) return failed({ kind: 'absent' })
    row.confirmed = true
    return { type: 'confirmed', id }
  }

  private grant(upload: number): Event {
    const documentId = `d${++this.lastId}`
    this.rows.set(documentId, { upload, stored: false, confirmed: false, expired: false })
    return { type: 'granted', id: upload, grant: { documentId, url: '', headers: {}, expiresAt: 0 } }
  }

  /** Carries an effect out or not, for a page that is gone before the answer. */
  abandon(effect: Effect): void {
    if (this.random() < 0.5) return
    if (this.carryOut(effect, false).some((event) => event !== 'again' && event.type === 'granted')) {
      this.lostGrants += 1
    }
  }

  /** Returns how many confirmed documents each file has. `fileOf` names the file of an upload. */
  confirmedByUpload(fileOf: (upload: number) => number): Map<number, number> {
    const counts = new Map<number, number>()
    for (const { confirmed, upload } of this.rows.values()) {
      if (confirmed) counts.set(fileOf(upload), (counts.get(fileOf(upload)) ?? 0) + 1)
    }
    return counts
  }

  pendingCount(): number {
    return [...this.rows.values()].filter((row) => !row.confirmed).length
  }
}
