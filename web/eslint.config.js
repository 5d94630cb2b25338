import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

// What could run markup or scripts that are not the page's own, or be seen by other scripts.
const forbidden = [
  {
    selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]',
    message: 'Use templates: they escape.',
  },
  {
    selector: 'MemberExpression[object.name=/^(localStorage|sessionStorage)$/]',
    message: 'Use src/preferences.ts. Tokens stay in memory.',
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
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage'],
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
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
)
