/** Deletions that can still be undone: the request is sent when the time for that is over. */
import { reactive } from 'vue'

import type { Document } from '../api/client'
import { toProblem } from '../api/problem'
import type { Problem } from '../upload/faults'

export const UNDO_MS = 10_000

interface Ways {
  send: (document: Document) => Promise<Problem | null>
  onFailure: (document: Document, problem: Problem) => void
}

export interface Removals {
  /** Documents that are not shown any more, with those whose deletion is under way. */
  ids: Map<string, Document>
  /** Those that can be brought back, the newest last. */
  undoable: Map<string, Document>
  begin: (document: Document) => void
  undo: (id: string) => void
  /** Sends all requests now, and waits for the answers. */
  flush: () => Promise<void>
  /** Forgets everything, and sends nothing. */
  forget: () => void
}

export function newRemovals({ send, onFailure }: Ways): Removals {
  const [ids, undoable] = [reactive(new Map<string, Document>()), reactive(new Map<string, Document>())]
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  function begin(document: Document): void {
    ids.set(document.id, document)
    undoable.set(document.id, document)
    timers.set(
      document.id,
      setTimeout(() => void finish(document), UNDO_MS),
    )
  }

  function keep(id: string): void {
    clearTimeout(timers.get(id))
    timers.delete(id)
    undoable.delete(id)
  }

  function undo(id: string): void {
    if (!undoable.has(id)) return
    keep(id)
    ids.delete(id)
  }

  async function finish(document: Document): Promise<void> {
    keep(document.id)
    const problem = await send(document).catch(toProblem)
    ids.delete(document.id)
    if (problem) onFailure(document, problem)
  }

  async function flush(): Promise<void> {
    await Promise.all([...undoable.values()].map(finish))
  }

  function forget(): void {
    for (const id of [...undoable.keys()]) keep(id)
    ids.clear()
  }

  // A page that is closed has no time left to wait.
  window.addEventListener('pagehide', () => void flush())
  return { ids, undoable, begin, undo, flush, forget }
}
