/** The token behind `#` in the link of a mail. It is taken out of the address, so that it is in no history. */
export function takeToken(): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''
  history.replaceState(history.state, '', window.location.pathname)
  return token
}
