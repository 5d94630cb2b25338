/** Does the same with many things, a few at a time. */
const PARALLEL = 4

/** Calls `work` for each item, and waits until all calls have ended. `work` must not throw. */
export async function forEachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]

  async function runOne(): Promise<void> {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }

  await Promise.all(Array.from({ length: PARALLEL }, runOne))
}
