/** The steps of an upload against the service and the store. Each returns its result, or a fault. */
import { api } from '../api/client'
import { toProblem } from '../api/problem'
import type { Fault, Grant } from './faults'

/** A URL is not used in the last minute before it expires. */
const MARGIN_MS = 60_000
const LIFETIME_MS = 15 * 60_000

export async function ask(file: File, sha256: string | null): Promise<Grant | { fault: Fault }> {
  const body = { filename: file.name, content_type: file.type, size_bytes: file.size, sha256 }
  return attempt(async () => {
    const { data, error, response } = await api.POST('/api/documents/upload-url', { body })
    if (error) return { fault: faultOf(response, error) }
    const { document_id: documentId, upload_url: url, headers } = data
    return { documentId, url, headers, expiresAt: Date.now() + LIFETIME_MS - MARGIN_MS }
  })
}

/** Stores the file. The browser itself sends its length. */
export function send(
  file: File,
  grant: Grant,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<{ fault: Fault } | null> {
  if (Date.now() > grant.expiresAt) return Promise.resolve({ fault: { kind: 'expired' } })
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('PUT', grant.url)
    for (const [name, value] of Object.entries(grant.headers)) {
      if (name !== 'content-length') request.setRequestHeader(name, value)
    }
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onload = () => resolve(storeFault(request))
    request.onerror = request.onabort = () => resolve({ fault: { kind: 'lost' } })
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

function storeFault(answer: XMLHttpRequest): { fault: Fault } | null {
  const { status } = answer
  if (status === 200) return null
  if (status === 412) return { fault: { kind: 'stored' } }
  if (status === 403) return { fault: { kind: 'expired' } }
  // Only a file that has changed meanwhile has another size or checksum than declared.
  if (status === 400) return { fault: { kind: 'refused', problem: { code: 'upload_mismatch' } } }
  return { fault: { kind: 'busy', seconds: null, problem: { code: 'store_unreachable' } } }
}

/** Confirms the upload, and returns the bytes that the account then uses. */
export async function confirm(id: string): Promise<{ usedBytes: number } | { fault: Fault }> {
  return attempt(async () => {
    const { data, error, response } = await api.POST('/api/documents/{id}/confirm', {
      params: { path: { id } },
    })
    if (!error) return { usedBytes: data.used_bytes }
    if (response.status === 404) return { fault: { kind: 'gone' } }
    if (toProblem(error).code === 'upload_not_found') return { fault: { kind: 'absent' } }
    return { fault: faultOf(response, error) }
  })
}

/** Deletes a document. Returns whether the service has answered, so that it is certainly gone. */
export async function remove(id: string): Promise<boolean> {
  try {
    const { response } = await api.DELETE('/api/documents/{id}', { params: { path: { id } } })
    return response.status < 500 && response.status !== 429
  } catch {
    return false
  }
}

async function attempt<T>(work: () => Promise<T | { fault: Fault }>): Promise<T | { fault: Fault }> {
  try {
    return await work()
  } catch {
    return { fault: { kind: 'lost' } }
  }
}

function faultOf(response: Response, error: unknown): Fault {
  const problem = toProblem(error)
  if (response.status !== 429 && response.status < 500) return { kind: 'refused', problem }
  const seconds = Number(response.headers.get('retry-after'))
  return { kind: 'busy', seconds: seconds > 0 ? seconds : null, problem }
}
