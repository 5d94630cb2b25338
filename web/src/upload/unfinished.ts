/** Which note belongs to which upload of this tab. */
import { type Note, drop, keep, newNote, update } from './notes'
import type { Event, Queue } from './queue'

/** What tells files apart. Their content would have to be read. */
const keyOf = ({ name, size, lastModified }: Pick<File, 'name' | 'size' | 'lastModified'>) =>
  JSON.stringify([name, size, lastModified])

export interface Unfinished {
  /** Keeps notes of files whose uploads begin. The uploads have numbers from `first` on. */
  begin: (account: string, files: File[], first: number) => void
  /** Remembers the notes of uploads that were recovered. */
  recover: (notes: Note[], first: number) => void
  /** Returns the upload that waits for this file. No other file gets the same upload. */
  claim: (file: File) => number | null
  /** Changes the notes after an event. */
  follow: (event: Event) => void
  clear: () => void
}

export function newUnfinished(queue: Queue): Unfinished {
  const notes = new Map<number, Note>()
  /** The recovered uploads whose files have not been chosen yet. */
  const waiting = new Map<string, number[]>()

  function begin(account: string, files: File[], first: number): void {
    const begun = files.map((file) => newNote(account, file))
    begun.forEach((note, index) => notes.set(first + index, note))
    void keep(begun)
  }

  function recover(recovered: Note[], first: number): void {
    recovered.forEach((note, index) => {
      notes.set(first + index, note)
      waiting.set(keyOf(note), [...(waiting.get(keyOf(note)) ?? []), first + index])
    })
  }

  function claim(file: File): number | null {
    const ids = waiting.get(keyOf(file)) ?? []
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) if (notes.has(id)) return id
    return null
  }

  function follow(event: Event): void {
    if (event.type === 'cleared') end([...notes.keys()].filter((id) => !queue.byId.has(id)))
    if (!('id' in event) || event.type === 'progressed') return
    const [note, upload] = [notes.get(event.id), queue.byId.get(event.id)]
    if (!note || !upload) return
    if (upload.phase === 'done' || upload.phase === 'cancelled') return end([event.id])
    const documentId = upload.grant?.documentId ?? null
    if (documentId === note.documentId) return
    note.documentId = documentId
    void update({ ...note })
  }

  function end(ids: number[]): void {
    const ended = ids.flatMap((id) => notes.get(id)?.id ?? [])
    for (const id of ids) notes.delete(id)
    if (ended.length > 0) void drop(ended)
  }

  function clear(): void {
    notes.clear()
    waiting.clear()
  }

  return { begin, recover, claim, follow, clear }
}
