/** Starts workers. The content security policy lets only a policy of the page name the address of a script. */
const policy = window.trustedTypes?.createPolicy('docuvault-workers', { createScriptURL: checkOrigin })

function checkOrigin(url: string): string {
  if (new URL(url, window.location.href).origin === window.location.origin) return url
  throw new TypeError(`${url} is not a script of this page`)
}

export function startWorker(url: string): Worker {
  return new Worker((policy?.createScriptURL(url) ?? checkOrigin(url)) as string, { type: 'module' })
}
