/** The part of Trusted Types that the page uses. TypeScript's own declarations lack it. */
interface TrustedTypePolicy {
  createScriptURL(input: string): unknown
}
interface Window {
  trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(input: string): string }): TrustedTypePolicy
  }
}
