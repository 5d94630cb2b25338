/** What the browser runs first. It is small, so that the answer is there when the rest of the page is. */
import { firstAccount } from './session/first'
import './styles/tokens.css'
import './styles/base.css'

firstAccount().catch(() => undefined)
void import('./app')
