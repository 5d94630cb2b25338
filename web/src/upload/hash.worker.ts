/** Computes the SHA-256 of files, one after the other, apart from the page's own thread. */
export interface Order {
  id: number
  file: File
}
export interface Result {
  id: number
  sha256: string | null
}

async function digest(file: File): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

let last = Promise.resolve()
self.onmessage = ({ data: { id, file } }: MessageEvent<Order>) => {
  // One file at a time is in memory.
  last = last.then(async () => {
    const sha256 = await digest(file).catch(() => null)
    self.postMessage({ id, sha256 } satisfies Result)
  })
}
