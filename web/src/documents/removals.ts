/** Deletions that can still be undone: the requests are sent when the time for that is over. */
import { type Ref, reactive, ref } from 'vue'

import type { Document } from '../api/client'
import { toProblem } from '../api/problem'
import type { Problem } from '../upload/faults'
import { forEachOf } from './batch'

export const UNDO_MS = 10_000

interface Ways {
  send: (document: Document) => Promise<Problem | null>
  /** Is called once for all documents that were deleted together. */
  onEnd: () => void
}

/** What was not deleted, of how many, and the first reason. */
export interface Report {
  failed: number
  total: number
  problem: Problem
}

export interface Removals {
  /** Documents that are not shown any more, with those whose deletion is under way. */
  ids: Map<string, Document>
  /** Those that can be brought back, the newest last. */
  undoable: Map<string, Document>
  report: Ref<Report | null>
  begin: (documents: Document[]) => void
  /** Brings back all that can be brought back. */
  undo: () => void
  /** Sends all requests now, and waits for the answers. */
  flush: () => Promise<void>
  /** Forgets everything, and sends nothing. */
  forget: () => void
}

export function newRemovals({ send, onEnd }: Ways): Removals {
  const [ids, undoable] = [reactive(new Map<string, Document>()), reactive(new Map<string, Document>())]
  const report = ref<Report | null>(null)
  const timers = new Set<ReturnType<typeof setTimeout>>()

  function begin(documents: Document[]): void {
    report.value = null
    for (const document of documents) {
      ids.set(document.id, document)
      undoable.set(document.id, document)
    }
    timers.add(setTimeout(() => void finish(documents), UNDO_MS))
  }

  /** Ends the time to undo. Returns what can be undone no more. */
  function close(): Document[] {
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    const documents = [...undoable.values()]
    undoable.clear()
    return documents
  }

  function undo(): void {
    for (const { id } of close()) ids.delete(id)
  }

  async function finish(documents: Document[]): Promise<void> {
    const problems: Problem[] = []
    for (const { id } of documents) undoable.delete(id)
    await forEachOf(documents, async (document) => {
      const problem = await send(document).catch(toProblem)
      ids.delete(document.id)
      if (problem) problems.push(problem)
    })
    const [problem] = problems
    if (problem) report.value = { failed: problems.length, total: documents.length, problem }
    onEnd()
  }

  function forget(): void {
    close()
    ids.clear()
    report.value = null
  }

  // A page that is closed has no time left to wait. A request that is under way is sent twice: that is harmless.
  window.addEventListener('pagehide', () => {
    close()
    for (const document of ids.values()) void send(document)
  })
  return { ids, undoable, report, begin, undo, flush: () => finish(close()), forget }
}
