/** The keys of the list: j and k, or the arrows, move through the documents, and / goes to the search. */
import { type Ref, nextTick, onMounted, onUnmounted } from 'vue'

interface List {
  count: () => number
  show: (index: number) => void
  frame: Ref<HTMLElement | null>
  search: () => void
}

export function useListKeys({ count, show, frame, search }: List): void {
  const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }

  async function move(step: number): Promise<void> {
    const current = document.activeElement?.closest('[data-index]')?.getAttribute('data-index')
    const index = current == null ? 0 : Number(current) + step
    if (index < 0 || index >= count()) return
    show(index)
    await nextTick()
    frame.value?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus()
  }

  function onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, dialog'))
      return
    const step = STEPS[event.key]
    if (event.key === '/') search()
    else if (step !== undefined) void move(step)
    else return
    event.preventDefault()
  }

  onMounted(() => document.addEventListener('keydown', onKey))
  onUnmounted(() => document.removeEventListener('keydown', onKey))
}
