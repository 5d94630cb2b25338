/** The most bytes of a text that are shown. */
export const TEXT_BYTES = 65_536
/** The most pages of a PDF that are drawn. */
export const PDF_PAGES = 10

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']
const TEXTS = [
  'application/json',
  'application/xml',
  'application/xhtml+xml',
  'image/svg+xml',
  'message/rfc822',
]
const TEXT_NAMES = /\.(txt|md|csv|json|xml|html?|svg|eml|log|ya?ml|toml|ini)$/i

/** Returns how a file can be shown. SVG and HTML are texts: as pictures or pages they could run scripts. */
export function kindOf(contentType: string, filename: string): 'image' | 'text' | 'pdf' | 'none' {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/pdf') return 'pdf'
  if (IMAGES.includes(type)) return 'image'
  return type.startsWith('text/') || TEXTS.includes(type) || TEXT_NAMES.test(filename) ? 'text' : 'none'
}
