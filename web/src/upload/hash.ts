/** The checksum of a file, computed in a worker. */
import { startWorker } from '../shell/worker'
import type { Order, Result } from './hash.worker'
import workerUrl from './hash.worker?worker&url'

/** Larger files have no checksum: the browser can hash only what is in memory. */
const MAX_BYTES = 256 * 1024 * 1024

const waiting = new Map<number, (sha256: string | null) => void>()
let worker: Worker | null = null
let lastId = 0

/** Returns the checksum, null for a large file, or 'unreadable'. */
export async function hash(file: File): Promise<string | null | 'unreadable'> {
  if (file.size > MAX_BYTES) return null
  worker ??= startHashing()
  const id = ++lastId
  const answer = new Promise<string | null>((resolve) => waiting.set(id, resolve))
  worker.postMessage({ id, file } satisfies Order)
  return (await answer) ?? 'unreadable'
}

function startHashing(): Worker {
  const started = startWorker(workerUrl)
  started.onmessage = ({ data: { id, sha256 } }: MessageEvent<Result>) => {
    waiting.get(id)?.(sha256)
    waiting.delete(id)
  }
  return started
}
