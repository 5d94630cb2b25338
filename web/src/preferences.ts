/** What the reader has chosen on this device. Nothing about an account is kept. */
type Name = 'language' | 'theme'

export const preferences = {
  read(name: Name): string | null {
    try {
      return localStorage.getItem(name)
    } catch {
      return null
    }
  },
  /** Keeps the value, if the browser allows it. */
  write(name: Name, value: string): void {
    try {
      localStorage.setItem(name, value)
    } catch {
      // The choice then lasts until the page is closed.
    }
  },
}
