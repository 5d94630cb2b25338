/** Does the same with many things, a few at a time. */
const PARALLEL = 4

/** Calls `work` for each item, and returns the items for which it has failed. `onDone` hears how many are done. */
export async function forEachOf<T>(
  items: T[],
  work: (item: T) => Promise<boolean>,
  onDone: (count: number) => void = () => undefined,
): Promise<T[]> {
  const [failed, queue]: [T[], T[]] = [[], [...items]]
  let done = 0

  async function runOne(): Promise<void> {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const isWell = await work(item).catch(() => false)
      if (!isWell) failed.push(item)
      done += 1
      onDone(done)
    }
  }

  await Promise.all(Array.from({ length: PARALLEL }, runOne))
  return failed
}
