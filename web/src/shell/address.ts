/** Filters in the address of the page, so that they can be linked, and survive a reload. */

/** Reads the named parameters. One that is not there is empty. */
export function readQuery<Name extends string>(
  query: Record<string, unknown>,
  names: readonly Name[],
): Record<Name, string> {
  const read = (name: Name) => (typeof query[name] === 'string' ? query[name] : '')
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<Name, string>
}

/** Returns the parameters that are not empty. */
export function withoutEmpty<T extends Record<string, string>>(parameters: T): Partial<T> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== '')) as Partial<T>
}
