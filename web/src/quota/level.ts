export type Level = 'good' | 'warn' | 'bad'

/** Returns the level of a quota: `warn` from 80 % on, `bad` from 95 % on. */
export function levelOf(usedBytes: number, limitBytes: number): Level {
  // A limit of 0 bytes is always full. Integers, since 0.8 and 0.95 are not exact.
  if (usedBytes * 100 >= limitBytes * 95) return 'bad'
  return usedBytes * 100 >= limitBytes * 80 ? 'warn' : 'good'
}
