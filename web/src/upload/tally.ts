/**
 * The counts of the queue. They change with each upload, so that an event costs the same however many uploads
 * there are.
 */
import { type Queue, type Step, type Upload, isOver } from './queue'

/** Changes an upload, and the counts with it. The parts of an upload that are counted change here only. */
export function change(queue: Queue, upload: Upload, changes: Partial<Upload>): void {
  count(queue, upload, -1)
  Object.assign(upload, changes)
  count(queue, upload, 1)
}

export function insert(queue: Queue, upload: Upload): void {
  queue.uploads.push(upload)
  queue.byId.set(upload.id, upload)
  count(queue, upload, 1)
}

/** Takes the uploads that are over off the list, and returns them. */
export function removeEnded(queue: Queue): Upload[] {
  const over = queue.uploads.filter(isOver)
  queue.uploads = queue.uploads.filter((upload) => !isOver(upload))
  for (const upload of over) {
    queue.byId.delete(upload.id)
    count(queue, upload, -1)
  }
  return over
}

function count({ tally }: Queue, upload: Upload, sign: 1 | -1): void {
  if (upload.phase === 'failed') tally.failed += sign
  if (upload.phase === 'done') tally.done += sign
  if (isOver(upload)) return
  tally.open += sign
  tally.openBytes += sign * upload.size
  tally.openSentBytes += sign * upload.sentBytes
  if (upload.running) tally.running += sign
  else if (!upload.pausing) wait(tally.ready[upload.phase as Step], upload.id, sign)
}

function wait(ids: Set<number>, id: number, sign: 1 | -1): void {
  if (sign === 1) ids.add(id)
  else ids.delete(id)
}
