/** The client of the API. Its types come from infra/openapi.json. */
import createClient from 'openapi-fetch'

import { accessToken, renewToken } from './token'
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Account = Schemas['Account']
export type Document = Schemas['Document']
export type DocumentTopic = Schemas['DocumentTopic']
export type Topic = Schemas['Topic']
export type Status = Schemas['Status']
export type Session = Schemas['Session']
export type ManagedUser = Schemas['ManagedUser']
export type UserChange = Schemas['UserChange']
export type Role = Schemas['Role']
export type Entry = Schemas['Entry']
export type Provider = Schemas['Provider']

/** Sends a request with the access token. If the service refuses the token, gets another one and sends it again. */
async function fetchAuthorized(request: Request): Promise<Response> {
  const token = await accessToken()
  const again = request.clone()
  const answer = await fetch(withToken(request, token))
  if (answer.status !== 401 || !token) return answer
  const { code } = (await answer
    .clone()
    .json()
    .catch(() => ({}))) as { code?: string }
  if (code !== 'unauthenticated') return answer
  const next = await renewToken(token)
  return next ? fetch(withToken(again, next)) : answer
}

function withToken(request: Request, token: string | null): Request {
  if (token) request.headers.set('authorization', `Bearer ${token}`)
  return request
}

/** Sends requests as the account that is signed in. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: fetchAuthorized })

/** Sends requests that need no access token. */
export const openApi = createClient<paths>({ baseUrl: window.location.origin })
