/**
 * Notes about unfinished uploads, kept in this browser, so that a page that is opened later can ask for their
 * files. A note has no content, no token and no URL.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

export interface Note {
  id: string
  /** The account that uploads. No other account is told of the file. */
  account: string
  /** The tab that has the file, as long as it is open. */
  tab: string
  name: string
  size: number
  lastModified: number
  documentId: string | null
}

interface Schema extends DBSchema {
  notes: { key: string; value: Note }
}
type Database = IDBPDatabase<Schema>

/** How long the lock of a tab is waited for. A browser frees it a moment after the tab was closed. */
const FREED_MS = 2000

const tab = crypto.randomUUID()
const lockOf = (name: string) => `docuvault-tab-${name}`
let database: Promise<Database> | null = null

/** Says to other tabs, as long as this one is open, that its notes are its own. */
const announced = new Promise<void>((resolve) => {
  void navigator.locks.request(lockOf(tab), () => {
    resolve()
    return new Promise(() => undefined)
  })
})

/** Uploads need no notes: some browsers keep nothing in private windows. */
async function tryTo<T>(work: (database: Database) => Promise<T>): Promise<T | null> {
  try {
    database ??= openDB<Schema>('docuvault', 1, { upgrade: create })
    return await work(await database)
  } catch {
    return null
  }
}

function create(created: Database): void {
  created.createObjectStore('notes', { keyPath: 'id' })
}

/** Returns the note of a file whose upload begins. */
export function newNote(account: string, { name, size, lastModified }: File): Note {
  return { id: crypto.randomUUID(), account, tab, name, size, lastModified, documentId: null }
}

export async function keep(notes: Note[]): Promise<void> {
  await announced
  await tryTo((known) => putAll(known, notes))
}

async function putAll(known: Database, notes: Note[]): Promise<void> {
  const { store, done } = known.transaction('notes', 'readwrite')
  await Promise.all([...notes.map((note) => store.put(note)), done])
}

/** Keeps a change of a note, unless the note was dropped. */
export async function update(note: Note): Promise<void> {
  await tryTo(async (known) => {
    const { store, done } = known.transaction('notes', 'readwrite')
    if (await store.get(note.id)) await store.put(note)
    await done
  })
}

export async function drop(ids: string[]): Promise<void> {
  await tryTo(async (known) => {
    const { store, done } = known.transaction('notes', 'readwrite')
    await Promise.all([...ids.map((id) => store.delete(id)), done])
  })
}

export async function dropAll(): Promise<void> {
  await tryTo((known) => known.clear('notes'))
}

/**
 * Takes over the notes of the account whose tabs are closed, and returns them. Drops those of other accounts.
 * Tabs take turns, so that no two of them ask for the same file.
 */
export async function takeOver(account: string): Promise<Note[]> {
  await announced
  return navigator.locks.request('docuvault-notes', async () => {
    const left = await tryTo(async (known) => {
      const notes = await known.getAll('notes')
      await drop(notes.filter((note) => note.account !== account).map((note) => note.id))
      const own = notes.filter((note) => note.account === account)
      const closed = await findClosed(new Set(own.map((note) => note.tab)))
      const taken = own.filter((note) => closed.has(note.tab)).map((note) => ({ ...note, tab }))
      await putAll(known, taken)
      return taken
    })
    return left ?? []
  })
}

/** Returns those tabs that are closed, and this one, whose notes are its own. */
async function findClosed(tabs: Set<string>): Promise<Set<string>> {
  const found = await Promise.all([...tabs].map(async (name) => ((await isOpen(name)) ? [] : [name])))
  return new Set(found.flat())
}

async function isOpen(name: string): Promise<boolean> {
  if (name === tab) return false
  const signal = AbortSignal.timeout(FREED_MS)
  const freed = navigator.locks.request(lockOf(name), { mode: 'shared', signal }, () => false)
  return freed.catch(() => true)
}
