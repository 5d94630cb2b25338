/** The words of the page, in the reader's language. A language is loaded only if it is used. */
import { ref, shallowReactive } from 'vue'

import { preferences } from '../preferences'
import type { en } from './en'

export type Words = typeof en

const LANGUAGES = {
  en: async () => (await import('./en')).en,
  de: async (): Promise<Words> => (await import('./de')).de,
}
export type Language = keyof typeof LANGUAGES
export const languages = Object.keys(LANGUAGES) as Language[]

/** The words. They are complete once `loadLanguage` has ended. */
export const words = shallowReactive({}) as Words
export const language = ref<Language>('en')

/** Returns the language that the reader has chosen, or the first of the browser's that there is. */
export function preferredLanguage(): Language {
  const wanted = [preferences.read('language') ?? '', ...navigator.languages].map((name) => name.slice(0, 2))
  return languages.find((name) => name === wanted.find((other) => other in LANGUAGES)) ?? 'en'
}

export async function loadLanguage(name: Language): Promise<void> {
  Object.assign(words, await LANGUAGES[name]())
  language.value = name
  document.documentElement.lang = name
}
