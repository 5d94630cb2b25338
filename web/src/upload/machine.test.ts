import { describe, expect, it } from 'vitest'

import { apply } from './machine'
import {
  type Effect,
  type Event,
  MAX_RUNNING,
  MAX_TRIES,
  type Queue,
  type Step,
  type Tally,
  isOver,
  needsFile,
  newQueue,
} from './queue'
import { SimulatedService, newRandom } from './simulated-service'

const SEEDS = Number(process.env['WALK_SEEDS'] ?? 300)
/** Ten times what a busy machine needs. */
const MS_PER_SEED = 100

/** One queue, its service, and the effects that have not been answered yet. */
class Walk {
  readonly random: () => number
  queue = newQueue()
  readonly service: SimulatedService
  open: Effect[] = []
  faulty = true
  /** The first upload of the same file, for those that were recovered. */
  readonly firsts = new Map<number, number>()
  /** How the uploads ended that are on the list no more. Names are those of the first upload of a file. */
  readonly cleared = new Map<number, string>()
  recovered = 0

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

  first(id: number): number {
    return this.firsts.get(id) ?? id
  }

  clear(): void {
    for (const upload of this.queue.uploads) {
      if (isOver(upload)) this.cleared.set(this.first(upload.id), upload.phase)
    }
    this.send({ type: 'cleared' })
  }

  /** Opens the page anew. What is under way reaches the service or not, and nobody hears the answer. */
  reload(): void {
    // The page asks its reader to stay until deletions are answered.
    if (this.queue.removals.size > 0) return
    for (const effect of this.open) this.service.abandon(effect)
    const { uploads, lastId } = this.queue
    const left = uploads.filter(({ phase }) => phase !== 'done' && phase !== 'cancelled')
    for (const { id, phase } of uploads)
      if (!left.some((upload) => upload.id === id)) this.cleared.set(this.first(id), phase)
    left.forEach(({ id }, index) => this.firsts.set(lastId + 1 + index, this.first(id)))
    this.recovered += left.length
    this.open = []
    this.queue = { ...newQueue(), lastId }
    const files = left.map(({ name, size, grant }) => ({ name, size, documentId: grant?.documentId ?? null }))
    this.send({ type: 'recovered', files })
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
    else if (chance < 0.25) this.reload()
    else if (chance < 0.28 && upload) this.send({ type: 'chosen', id: upload.id })
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
        for (const { id, present } of failed) this.send({ type: present ? 'retried' : 'chosen', id })
      }
    }
    throw new Error('the queue does not come to rest')
  }

  check(): void {
    const done = this.queue.uploads.filter((upload) => upload.phase === 'done')
    expect(this.queue.uploads.every(isOver), 'every upload comes to its end').toBe(true)
    const ends = new Map(this.cleared)
    for (const { id, phase } of this.queue.uploads) ends.set(this.first(id), phase)
    expect(ends.size, 'no file is forgotten').toBe(this.queue.lastId - this.recovered)
    const confirmed = this.service.confirmedByUpload((id) => this.first(id))
    for (const [id, phase] of ends) {
      expect(confirmed.get(id) ?? 0, `documents of upload ${id}, ${phase}`).toBe(phase === 'done' ? 1 : 0)
    }
    expect(new Set(done.map((upload) => upload.grant?.documentId)).size).toBe(done.length)
    expect([...this.queue.removals], 'every deletion was answered').toEqual([])
    expect(this.service.pendingCount(), 'only lost grants stay pending').toBe(this.service.lostGrants)
  }
}

/** Counts the uploads one by one. */
function countAll({ uploads }: Queue): Tally {
  const open = uploads.filter((upload) => !isOver(upload))
  const sum = (name: 'size' | 'sentBytes') => open.reduce((total, upload) => total + upload[name], 0)
  const idsAt = (step: Step) =>
    open.filter(({ phase, running, pausing }) => phase === step && !running && !pausing).map(({ id }) => id)
  return {
    open: open.length,
    failed: uploads.filter(({ phase }) => phase === 'failed').length,
    done: uploads.filter(({ phase }) => phase === 'done').length,
    openBytes: sum('size'),
    openSentBytes: sum('sentBytes'),
    running: open.filter(({ running }) => running).length,
    ready: {
      hash: new Set(idsAt('hash')),
      ask: new Set(idsAt('ask')),
      send: new Set(idsAt('send')),
      confirm: new Set(idsAt('confirm')),
    },
  }
}

describe('a random walk', () => {
  it(
    `confirms each file once, forgets none, and deletes what was cancelled (${SEEDS} seeds)`,
    () => {
      let done = 0
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const walk = new Walk(seed)
        for (let step = 0; step < 400; step += 1) walk.act()
        expect(walk.queue.tally, `the counts of seed ${seed}`).toEqual(countAll(walk.queue))
        walk.settle()
        try {
          walk.check()
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error })
        }
        done += walk.queue.uploads.filter((upload) => upload.phase === 'done').length
      }
      expect(done).toBeGreaterThan(SEEDS)
    },
    SEEDS * MS_PER_SEED,
  )
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

describe('an upload of an earlier page', () => {
  const left = { name: 'a', size: 10, documentId: 'd1' }

  it('is done without its file if the store has it', () => {
    const queue = newQueue()
    const effects = apply(queue, { type: 'recovered', files: [left] })
    expect(effects).toEqual([{ type: 'confirm', id: 1, documentId: 'd1' }])
    apply(queue, { type: 'confirmed', id: 1 })
    expect(queue.uploads[0]!.phase).toBe('done')
  })

  it.each(['absent', 'gone'] as const)(
    'waits for its file, and leaves no document, if the store says %s',
    (kind) => {
      const queue = newQueue()
      apply(queue, { type: 'recovered', files: [left] })
      const effects = apply(queue, { type: 'failed', id: 1, fault: { kind } })
      expect(effects).toEqual([{ type: 'remove', documentId: 'd1' }])
      expect(needsFile(queue.uploads[0]!)).toBe(true)
      expect(apply(queue, { type: 'retried', id: 1 }), 'nothing can be tried without the file').toEqual([])
      expect(apply(queue, { type: 'chosen', id: 1 })).toEqual([{ type: 'hash', id: 1 }])
    },
  )

  it('waits for its file at once if it has no document', () => {
    const queue = newQueue()
    expect(apply(queue, { type: 'recovered', files: [{ ...left, documentId: null }] })).toEqual([])
    expect(needsFile(queue.uploads[0]!)).toBe(true)
    expect(apply(queue, { type: 'cancelled', id: 1 })).toEqual([])
    expect(queue.uploads[0]!.phase).toBe('cancelled')
  })

  it('asks the service again if the answer was lost, also without the file', () => {
    const queue = newQueue()
    apply(queue, { type: 'recovered', files: [left] })
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      apply(queue, { type: 'failed', id: 1, fault: { kind: 'lost' } })
      apply(queue, { type: 'woke', id: 1 })
    }
    expect(queue.uploads[0]!.phase).toBe('failed')
    expect(needsFile(queue.uploads[0]!)).toBe(false)
    expect(apply(queue, { type: 'retried', id: 1 }).map((effect) => effect.type)).toEqual(['confirm'])
  })
})

/** Returns the object such that each read of it, and of what is in it, calls `onRead`. */
function watched<T extends object>(target: T, onRead: () => void): T {
  const wrap = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? watched(value, onRead) : value
  return new Proxy(target, {
    get(object, name) {
      onRead()
      const value: unknown = Reflect.get(object, name)
      if (typeof value !== 'function' || Array.isArray(object)) return wrap(value)
      return (...given: unknown[]) => wrap(Reflect.apply(value, object, given))
    },
  })
}

/** Returns how often the queue is read per upload until so many uploads are done. */
function readsPerUpload(count: number): number {
  let reads = 0
  const queue = watched(newQueue(), () => (reads += 1))
  const open = apply(queue, {
    type: 'added',
    files: Array.from({ length: count }, () => ({ name: 'a', size: 1 })),
  })
  for (const effect of open) {
    if (effect.type === 'hash') open.push(...apply(queue, { type: 'hashed', id: effect.id, sha256: 'ab' }))
    else if (effect.type === 'ask') {
      const grant = { documentId: `d${effect.id}`, url: '', headers: {}, expiresAt: 0 }
      open.push(...apply(queue, { type: 'granted', id: effect.id, grant }))
    } else if (effect.type === 'send') {
      apply(queue, { type: 'progressed', id: effect.id, bytes: 1 })
      open.push(...apply(queue, { type: 'sent', id: effect.id }))
    } else if (effect.type === 'confirm') open.push(...apply(queue, { type: 'confirmed', id: effect.id }))
  }
  expect(queue.tally).toMatchObject({
    open: 0,
    failed: 0,
    done: count,
    openBytes: 0,
    openSentBytes: 0,
    running: 0,
  })
  return reads / count
}

it('costs the same per upload for ten as for a thousand', () => {
  expect(readsPerUpload(1000)).toBeLessThan(readsPerUpload(10) * 1.2)
})
