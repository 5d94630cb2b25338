/** Passkeys in this browser. Its dialogs are the browser's own. */

export const hasPasskeys =
  'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in window.PublicKeyCredential

/** What the browser answers to a challenge, as the service reads it. */
type Answer = Record<string, never>

/** Signs a challenge with a passkey. Returns null if the reader has closed the browser's dialog. */
export async function signChallenge(options: unknown): Promise<Answer | null> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  )
  return answerOf(navigator.credentials.get({ publicKey }))
}

/** Creates a passkey. Returns null if the reader has closed the browser's dialog. */
export async function createPasskey(options: unknown): Promise<Answer | null> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  )
  return answerOf(navigator.credentials.create({ publicKey }))
}

async function answerOf(request: Promise<Credential | null>): Promise<Answer | null> {
  try {
    const credential = (await request) as PublicKeyCredential | null
    return credential && (credential.toJSON() as Answer)
  } catch (error) {
    // Browsers say no more than this, so that pages learn nothing about passkeys of others.
    if (error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name)) return null
    throw error
  }
}
