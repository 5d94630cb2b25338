/** Errors of the API, in the reader's words. */
import { words } from '../locale'
import { formatBytes } from '../locale/format'
import type { Problem } from '../upload/faults'

/** What the service answers with an error: a code, and either a sentence or the numbers of a refusal. */
interface Body {
  code?: string
  detail?: unknown
}

/** Carries the problem of an answer to whoever shows it. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code)
  }
}

/** Turns the body of an error, or an exception, into a problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Refused) return error.problem
  const { code, detail } = (typeof error === 'object' && error !== null ? error : {}) as Body
  if (typeof code !== 'string') return { code: 'unreachable' }
  if (typeof detail === 'string') return { code, detail }
  return { code, refusal: detail as NonNullable<Problem['refusal']> }
}

/** Returns what a problem means and what to do. */
export function explain(problem: Problem): string {
  if (problem.refusal) return explainRefusal(problem.refusal)
  const known: Record<string, string> = words.problems
  return known[problem.code] ?? problem.detail ?? words.problems.unreachable
}

/** Names used, limit and rejected bytes, and how much has to be deleted. */
function explainRefusal(refusal: NonNullable<Problem['refusal']>): string {
  const { used_bytes: used, limit_bytes: limit, rejected_bytes: rejected } = refusal
  const numbers = words.refused(formatBytes(rejected), formatBytes(used), formatBytes(limit))
  const excess = used + rejected - limit
  const advice =
    rejected > limit || excess > used ? words.neverFits : words.deleteFirst(formatBytes(excess, 'up'))
  return `${numbers} ${advice}`
}
