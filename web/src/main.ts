import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { loadLanguage, preferredLanguage } from './locale'
import { router } from './router'
import { applyTheme } from './shell/theme'
import './styles/tokens.css'
import './styles/base.css'

applyTheme()
await loadLanguage(preferredLanguage())
createApp(App).use(createPinia()).use(router).mount('#page')
