import { describe, expect, it } from 'vitest'

import { apply } from './machine'
import { type Effect, type Event, MAX_RUNNING, isOver, newQueue } from './queue'
import { SimulatedService, newRandom } from './simulated-service'

const SEEDS = Number(process.env['WALK_SEEDS'] ?? 300)

/** One queue, its service, and the effects that have not been answered yet. */
class Walk {
  readonly random: () => number
  readonly queue = newQueue()
  readonly service: SimulatedService
  open: Effect[] = []
  faulty = true
  /** The uploads that were taken off the list, and how they ended. */
  readonly cleared = new Map<number, string>()

  constructor(seed: number) {
    this.random = newRandom(seed)
    this.service = new SimulatedService(this.random)
  }

  send(event: Event): void {
    this.open.push(...apply(this.queue, event))
    expect(this.queue.uploads.filter((upload) => upload.running).length).toBeLessThanOrEqual(MAX_RUNNING)
  }

  pick<T>(list: T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)]
  }

  /** Answers a random open effect. A step of the service may be done before or after its answer is lost. */
  answerOne(): void {
    const effect = this.pick(this.open)
    if (!effect) return
    this.open.splice(this.open.indexOf(effect), 1)
    for (const event of this.service.carryOut(effect, this.faulty)) {
      if (event === 'again') this.open.push(effect)
      else this.send(event)
    }
  }

  clear(): void {
    for (const upload of this.queue.uploads) if (isOver(upload)) this.cleared.set(upload.id, upload.phase)
    this.send({ type: 'cleared' })
  }

  act(): void {
    const chance = this.random()
    const upload = this.pick(this.queue.uploads)
    if (chance < 0.05)
      this.send({
        type: 'added',
        files: [
          { name: 'a', size: 10 },
          { name: 'a', size: 10 },
        ],
      })
    else if (chance < 0.09 && upload) this.send({ type: 'cancelled', id: upload.id })
    else if (chance < 0.13 && upload) this.send({ type: 'retried', id: upload.id })
    else if (chance < 0.15) this.send({ type: 'wentOffline' })
    else if (chance < 0.2) this.send({ type: 'wentOnline' })
    else if (chance < 0.23) this.service.expireAll()
    else if (chance < 0.24) this.clear()
    else this.answerOne()
  }

  /** Ends all faults, and retries until everything has ended. */
  settle(): void {
    this.faulty = false
    this.send({ type: 'wentOnline' })
    for (let round = 0; round < 20_000; round += 1) {
      if (this.open.length > 0) this.answerOne()
      else {
        const failed = this.queue.uploads.filter((upload) => upload.phase === 'failed')
        if (failed.length === 0) return
        for (const upload of failed) this.send({ type: 'retried', id: upload.id })
      }
    }
    throw new Error('the queue does not come to rest')
  }

  check(): void {
    const done = this.queue.uploads.filter((upload) => upload.phase === 'done')
    expect(this.queue.uploads.every(isOver), 'no file is forgotten').toBe(true)
    expect(this.queue.uploads.length + this.cleared.size, 'nor taken off the list').toBe(this.queue.lastId)
    const confirmed = this.service.confirmedByUpload()
    for (const [id, phase] of this.cleared) {
      expect(confirmed.get(id) ?? 0, `documents of upload ${id}, cleared`).toBe(phase === 'done' ? 1 : 0)
    }
    for (const upload of this.queue.uploads) {
      const expected = upload.phase === 'done' ? 1 : 0
      expect(confirmed.get(upload.id) ?? 0, `documents of upload ${upload.id}, ${upload.phase}`).toBe(
        expected,
      )
    }
    expect(new Set(done.map((upload) => upload.grant?.documentId)).size).toBe(done.length)
    expect([...this.queue.removals], 'every deletion was answered').toEqual([])
    expect(this.service.pendingCount(), 'only lost grants stay pending').toBe(this.service.lostGrants)
  }
}

describe('a random walk', () => {
  it(`confirms each file once, forgets none, and deletes what was cancelled (${SEEDS} seeds)`, () => {
    let done = 0
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const walk = new Walk(seed)
      for (let step = 0; step < 400; step += 1) walk.act()
      walk.settle()
      try {
        walk.check()
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      }
      done += walk.queue.uploads.filter((upload) => upload.phase === 'done').length
    }
    expect(done).toBeGreaterThan(SEEDS)
  })
})

/** Drives one upload of 10 bytes to its PUT. */
function atSend() {
  const queue = newQueue()
  apply(queue, { type: 'added', files: [{ name: 'a', size: 10 }] })
  apply(queue, { type: 'hashed', id: 1, sha256: 'ab' })
  const grant = { documentId: 'd1', url: 'u', headers: {}, expiresAt: 0 }
  const effects = apply(queue, { type: 'granted', id: 1, grant })
  expect(effects).toEqual([{ type: 'send', id: 1, grant }])
  return { queue, grant, upload: queue.uploads[0]! }
}

describe('one upload', () => {
  it('is confirmed if the store has the file already', () => {
    const { queue } = atSend()
    const effects = apply(queue, { type: 'failed', id: 1, fault: { kind: 'stored' } })
    expect(effects).toEqual([{ type: 'confirm', id: 1, documentId: 'd1' }])
  })

  it('gets another URL, and deletes the document of the expired one', () => {
    const { queue } = atSend()
    const effects = apply(queue, { type: 'failed', id: 1, fault: { kind: 'expired' } })
    expect(effects.map((effect) => effect.type)).toEqual(['remove', 'wake'])
    expect(apply(queue, { type: 'woke', id: 1 })).toEqual([{ type: 'ask', id: 1, sha256: 'ab' }])
  })

  it('asks the service first if a lost PUT may have used the expired URL', () => {
    const { queue } = atSend()
    apply(queue, { type: 'failed', id: 1, fault: { kind: 'lost' } })
    apply(queue, { type: 'woke', id: 1 })
    const effects = apply(queue, { type: 'failed', id: 1, fault: { kind: 'expired' } })
    expect(effects).toEqual([{ type: 'confirm', id: 1, documentId: 'd1' }])
  })

  it('is done only when the confirmation is answered', () => {
    const { queue, upload } = atSend()
    apply(queue, { type: 'progressed', id: 1, bytes: 10 })
    apply(queue, { type: 'sent', id: 1 })
    expect(upload.phase).toBe('confirm')
    apply(queue, { type: 'confirmed', id: 1 })
    expect(upload.phase).toBe('done')
  })

  it('starts nothing while offline, and goes on afterwards', () => {
    const { queue, upload } = atSend()
    apply(queue, { type: 'wentOffline' })
    apply(queue, { type: 'failed', id: 1, fault: { kind: 'lost' } })
    expect(apply(queue, { type: 'woke', id: 1 })).toEqual([])
    expect(upload.tries).toBe(0)
    expect(apply(queue, { type: 'wentOnline' }).map((effect) => effect.type)).toEqual(['send'])
  })

  it('has its document deleted if it is cancelled while it asks', () => {
    const queue = newQueue()
    apply(queue, { type: 'added', files: [{ name: 'a', size: 10 }] })
    apply(queue, { type: 'hashed', id: 1, sha256: null })
    expect(apply(queue, { type: 'cancelled', id: 1 })).toEqual([{ type: 'abort', id: 1 }])
    const grant = { documentId: 'd1', url: 'u', headers: {}, expiresAt: 0 }
    const effects = apply(queue, { type: 'granted', id: 1, grant })
    expect(effects).toEqual([{ type: 'remove', documentId: 'd1' }])
  })
})
