/** Starts the page. `main.ts` has asked already who is signed in. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { loadLanguage, preferredLanguage } from './locale'
import { fetchView, router } from './router'
import { applyTheme } from './shell/theme'

applyTheme()
// The router waits until it knows who is signed in. Meanwhile the view's program and the words are on their way.
const app = createApp(App).use(createPinia()).use(router)
fetchView(window.location.pathname)
await loadLanguage(preferredLanguage())
app.mount('#page')
