/** Asks again while something is expected to change, with growing pauses, and not at all otherwise. */
const FIRST_MS = 1000
const GROWTH = 1.5
const LONGEST_MS = 15_000

export interface Poller {
  /** Begins anew, with short pauses, if there is something to wait for. */
  wake: () => void
  /** Ends it for good, also if an answer is still awaited. */
  stop: () => void
}

export function newPoller(isNeeded: () => boolean, work: () => Promise<unknown>): Poller {
  let timer: ReturnType<typeof setTimeout> | null = null
  let pause = FIRST_MS
  let isStopped = false

  function plan(): void {
    if (timer === null && !isStopped && isNeeded()) timer = setTimeout(() => void tick(), pause)
  }

  async function tick(): Promise<void> {
    // A page that nobody sees asks nothing. It is woken when it is seen again.
    if (!document.hidden) await work().catch(() => undefined)
    timer = null
    pause = Math.min(pause * GROWTH, LONGEST_MS)
    plan()
  }

  return {
    wake() {
      pause = FIRST_MS
      plan()
    },
    stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
