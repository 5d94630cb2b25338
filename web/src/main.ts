/** What the browser runs first. It is small, so that the answer is there when the rest of the page is. */
import { firstToken } from './api/token'
import './styles/tokens.css'
import './styles/base.css'

firstToken().catch(() => undefined)
void import('./app')
