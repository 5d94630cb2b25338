import { type Ref, ref } from 'vue'

import { toProblem } from '../api/problem'
import type { Problem } from '../upload/faults'

export interface Action {
  busy: Ref<boolean>
  problem: Ref<Problem | null>
  /** Runs the work, unless it runs already. Returns whether it went well. */
  run: (work: () => Promise<Problem | null>) => Promise<boolean>
}

/** The state of a button that starts something: whether it runs, and what went wrong. */
export function useAction(): Action {
  const [busy, problem] = [ref(false), ref<Problem | null>(null)]
  async function run(work: () => Promise<Problem | null>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      problem.value = await work()
    } catch (error) {
      problem.value = toProblem(error)
    } finally {
      busy.value = false
    }
    return problem.value === null
  }
  return { busy, problem, run }
}

/** Turns the answer of the client into a problem, or null. */
export function problemOf(answer: { error?: unknown }): Problem | null {
  return answer.error === undefined ? null : toProblem(answer.error)
}
