/** The requests with which administrators change who gets in. */
import { type UserChange, api } from '../api/client'
import { toProblem } from '../api/problem'
import { problemOf } from '../shell/action'
import type { Problem } from '../upload/faults'

const paramsOf = (id: string) => ({ path: { id } })

export async function changeAccount(id: string, body: UserChange): Promise<Problem | null> {
  return problemOf(await api.PATCH('/api/admin/users/{id}', { params: paramsOf(id), body }))
}

/** Replaces the password. `show` gets the temporary one, which no later answer has. */
export async function resetPassword(id: string, show: (password: string) => void): Promise<Problem | null> {
  const { data, error } = await api.POST('/api/admin/users/{id}/reset-password', { params: paramsOf(id) })
  if (error) return toProblem(error)
  show(data.temporary_password)
  return null
}

export async function resetFactors(id: string): Promise<Problem | null> {
  return problemOf(await api.POST('/api/admin/users/{id}/reset-factors', { params: paramsOf(id) }))
}

export async function deleteAccount(id: string): Promise<Problem | null> {
  return problemOf(await api.DELETE('/api/admin/users/{id}', { params: paramsOf(id) }))
}

/** Ends a session of the account, or all of them if no id is given. */
export async function endSessions(id: string, session_id?: string): Promise<Problem | null> {
  if (session_id === undefined)
    return problemOf(await api.DELETE('/api/admin/users/{id}/sessions', { params: paramsOf(id) }))
  const params = { path: { id, session_id } }
  return problemOf(await api.DELETE('/api/admin/users/{id}/sessions/{session_id}', { params }))
}
