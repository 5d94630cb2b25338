/** Sizes, dates and shares in the reader's locale. */
import { language } from './index'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** Returns the locale for numbers and dates: the browser's, if it is of the page's language. */
function locale(): string {
  return navigator.languages.find((name) => name.startsWith(language.value)) ?? language.value
}

/** Returns a size, such as `12.5 MB`; 1 MB is 1,048,576 bytes. `up` never says less than there is. */
export function formatBytes(bytes: number, rounding: 'near' | 'up' = 'near'): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1]
  const precise = rounding === 'up' ? Math.ceil(value * 10) / 10 : value
  return formatUnit(precise, UNITS[unit] ?? 'byte')
}

/** Returns a size in MB, whatever it is. */
export function formatMegabytes(bytes: number): string {
  return formatUnit(bytes / 1024 / 1024, 'megabyte')
}

function formatUnit(value: number, unit: string): string {
  const options = {
    style: 'unit',
    unit,
    // The short form of a byte has no plural.
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: value < 100 ? 1 : 0,
  } as const
  return new Intl.NumberFormat(locale(), options).format(value)
}

export function formatTime(time: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time))
}

export function formatDay(time: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(time))
}

/** Returns a share from 0 to 1 as a percentage. */
export function formatShare(share: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent' }).format(share)
}

/** Returns a time span in whole seconds, minutes or hours. */
export function formatSpan(seconds: number): string {
  const [value, unit] =
    seconds < 60 ? [seconds, 'second'] : seconds < 3600 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour']
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 } as const
  return new Intl.NumberFormat(locale(), options).format(Math.ceil(value))
}
