// The first that matches counts: Edge and Opera also call themselves Chrome, and Chrome calls itself Safari.
const PROGRAMS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
] as const
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const

/** Returns a name for the device behind a user agent, such as `Firefox, Linux`, or null if it is not known. */
export function deviceName(userAgent: string | null): string | null {
  const find = (table: readonly (readonly [string, string])[]) =>
    table.find(([mark]) => userAgent?.includes(mark))?.[1]
  return [find(PROGRAMS), find(SYSTEMS)].filter(Boolean).join(', ') || null
}
