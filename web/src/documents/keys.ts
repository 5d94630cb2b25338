/**
 * The keys of the list: j and k, or the arrows, move through the documents, x selects one, Esc none, / goes to the
 * search, and ? shows the keys.
 */
import { type Ref, nextTick, onMounted, onUnmounted } from 'vue'

interface List {
  count: () => number
  show: (index: number) => void
  frame: Ref<HTMLElement | null>
  toggle: (index: number) => void
  clear: () => void
  search: () => void
  help: () => void
}

export function useListKeys({ count, show, frame, toggle, clear, search, help }: List): void {
  const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }

  /** Returns the row that has the focus. */
  function currentRow(): number | null {
    const row = document.activeElement?.closest('[data-index]')?.getAttribute('data-index')
    return row == null ? null : Number(row)
  }

  async function move(step: number): Promise<void> {
    const current = currentRow()
    const index = current === null ? 0 : current + step
    if (index < 0 || index >= count()) return
    show(index)
    await nextTick()
    frame.value?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus()
  }

  function onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      target.closest('input:not([type=checkbox]), select, textarea, dialog')
    )
      return
    const [step, row] = [STEPS[event.key], currentRow()]
    if (event.key === '/') search()
    else if (event.key === '?') help()
    else if (event.key === 'x' && row !== null) toggle(row)
    else if (event.key === 'Escape') clear()
    else if (step !== undefined) void move(step)
    else return
    event.preventDefault()
  }

  onMounted(() => document.addEventListener('keydown', onKey))
  onUnmounted(() => document.removeEventListener('keydown', onKey))
}
