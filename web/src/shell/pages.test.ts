import { expect, it } from 'vitest'

import { usePages } from './pages'

type Answer = (page: { data: { items: string[]; next_cursor: string | null } }) => void

/** A list whose answers are given by hand. */
function newList() {
  const answers: Answer[] = []
  const asked: (string | undefined)[] = []
  const pages = usePages<string>((cursor) => {
    asked.push(cursor)
    return new Promise((resolve) => answers.push(resolve))
  })
  const answer = async (index: number, items: string[], next: string | null = null) => {
    answers[index]?.({ data: { items, next_cursor: next } })
    await Promise.resolve().then(() => undefined)
  }
  return { pages, answer, asked }
}

it('shows the answer to the newest request, in whatever order the answers come', async () => {
  const { pages, answer } = newList()
  const loads = [pages.load(), pages.load()]
  await answer(1, ['new'])
  await answer(0, ['old'])
  await Promise.all(loads)
  expect(pages.items.value).toEqual(['new'])
  expect(pages.busy.value).toBe(false)
})

it('asks once for the next page, however often it is wanted', async () => {
  const { pages, answer, asked } = newList()
  const first = pages.load()
  await answer(0, ['a'], 'second page')
  await first
  const more = [pages.loadMore(), pages.loadMore()]
  await answer(1, ['b'])
  await Promise.all(more)
  expect(asked).toEqual([undefined, 'second page'])
  expect(pages.items.value).toEqual(['a', 'b'])
  expect(pages.hasMore.value).toBe(false)
})
