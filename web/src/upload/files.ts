/** The files that a reader drops, pastes or chooses. */

/** Returns all files of a drop or a paste, also those inside folders. */
export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // The list of items is empty as soon as the event is over, so that entries are taken first.
  const entries = [...transfer.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
  const plain = [...transfer.files]
  const found = entries.filter((entry) => entry !== null)
  return found.length > 0 ? (await Promise.all(found.map(readEntry))).flat() : plain
}

async function readEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const files: File[] = []
  // A reader returns a part of the folder at a time, and an empty list at its end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (part.length === 0) return files
    files.push(...(await Promise.all(part.map(readEntry))).flat())
  }
}
