import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const STORAGE = ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore']
const KEEP_NOTHING =
  'Only src/preferences.ts and src/upload/notes.ts keep anything in the browser. Tokens stay in memory.'

// What could run markup or scripts that are not the page's own, or be seen by other scripts.
const forbidden = [
  {
    selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]',
    message: 'Use templates: they escape.',
  },
  {
    selector: `MemberExpression[property.name=/^(${STORAGE.join('|')}|cookie)$/]`,
    message: KEEP_NOTHING,
  },
]

export default tseslint.config(
  { ignores: ['dist/', 'src/api/schema.ts'] },
  ...tseslint.configs.strictTypeChecked,
  ...vue.configs['flat/essential'],
  {
    files: ['src/**/*.{ts,vue}', 'e2e/*.ts', 'vite.config.ts'],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, project: './tsconfig.json', extraFileExtensions: ['.vue'] },
    },
    rules: {
      'no-restricted-syntax': ['error', ...forbidden],
      'no-restricted-globals': ['error', ...STORAGE.map((name) => ({ name, message: KEEP_NOTHING }))],
      'no-restricted-imports': ['error', { name: 'idb', message: KEEP_NOTHING }],
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'vue/multi-word-component-names': 'off',
      // The type of a component is known to vue-tsc only, which checks these.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.test.ts', 'e2e/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['src/preferences.ts'], rules: { 'no-restricted-syntax': 'off', 'no-restricted-globals': 'off' } },
  { files: ['src/upload/notes.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
)
