/** How fast bytes are sent, as an average over some seconds. */
import { ref } from 'vue'

const MIN_INTERVAL_MS = 1000
/** The weight of the newest measurement. */
const WEIGHT = 0.3

export interface Rate {
  measure: (sentBytes: number, busy: boolean) => void
  /** Returns the seconds that so many bytes take, or null if that is not known yet. */
  secondsFor: (bytes: number) => number | null
}

export function newRate(now: () => number = () => performance.now()): Rate {
  const bytesPerSecond = ref<number | null>(null)
  let last: { at: number; bytes: number } | null = null

  function measure(bytes: number, busy: boolean): void {
    if (!busy) [last, bytesPerSecond.value] = [null, null]
    // The sum falls when an upload ends: its bytes do not count any more.
    else if (!last || bytes < last.bytes) last = { at: now(), bytes }
    else if (now() - last.at >= MIN_INTERVAL_MS) {
      const measured = ((bytes - last.bytes) * 1000) / (now() - last.at)
      const before = bytesPerSecond.value ?? measured
      bytesPerSecond.value = before + (measured - before) * WEIGHT
      last = { at: now(), bytes }
    }
  }

  function secondsFor(bytes: number): number | null {
    return bytesPerSecond.value ? bytes / bytesPerSecond.value : null
  }

  return { measure, secondsFor }
}
