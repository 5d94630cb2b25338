/** The lines of the benchmark's table that are about the page. A missed target is a line, and no failure. */
import { appendFileSync } from 'node:fs'

const FILE = process.env['BENCH_LINES']

export interface Line {
  what: string
  target: string
  measured: string
  met: boolean
}

/** Adds a line to the table. */
export function report({ what, target, measured, met }: Line): void {
  const line = `| ${what} | ${target} | ${measured} | ${met ? 'met' : '**missed**'} |\n`
  if (FILE) appendFileSync(FILE, line)
  else process.stdout.write(line)
}

/** Returns the value in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
