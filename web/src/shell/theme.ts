import { ref } from 'vue'

import { preferences } from '../preferences'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const theme = ref<Theme>(themes.find((name) => name === preferences.read('theme')) ?? 'auto')

/** Applies the theme, and keeps it on this device. */
export function applyTheme(next: Theme = theme.value): void {
  theme.value = next
  preferences.write('theme', next)
  document.documentElement.dataset['theme'] = next
}
