/** The views of the page, and who may see them. */
import { type RouteLocationNormalized, createRouter, createWebHistory } from 'vue-router'

import { useSession } from './session/session'

declare module 'vue-router' {
  interface RouteMeta {
    /** `anyone` needs no account; `user` and `admin` need that role; `account` needs either. */
    for: 'anyone' | 'account' | 'user' | 'admin'
    /** The view of the menu to which this one belongs. */
    menu?: string
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    {
      path: '/',
      name: 'documents',
      component: () => import('./documents/DocumentList.vue'),
      meta: { for: 'user' },
    },
    {
      path: '/documents/:id',
      name: 'document',
      component: () => import('./documents/DocumentPage.vue'),
      props: true,
      meta: { for: 'user', menu: 'documents' },
    },
    {
      path: '/topics',
      name: 'topics',
      component: () => import('./topics/TopicsPage.vue'),
      meta: { for: 'user' },
    },
    {
      path: '/account',
      name: 'account',
      component: () => import('./account/AccountPage.vue'),
      meta: { for: 'account' },
    },
    {
      path: '/admin/accounts',
      name: 'accounts',
      component: () => import('./admin/AccountsPage.vue'),
      meta: { for: 'admin' },
    },
    {
      path: '/admin/accounts/:id',
      name: 'managed-account',
      component: () => import('./admin/ManagedAccount.vue'),
      props: true,
      meta: { for: 'admin', menu: 'accounts' },
    },
    {
      path: '/admin/topics',
      name: 'system-topics',
      component: () => import('./topics/TopicsPage.vue'),
      props: { system: true },
      meta: { for: 'admin' },
    },
    {
      path: '/admin/audit-log',
      name: 'audit-log',
      component: () => import('./admin/AuditLogPage.vue'),
      meta: { for: 'admin' },
    },
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./session/SignIn.vue'),
      meta: { for: 'anyone' },
    },
    {
      path: '/register',
      name: 'register',
      component: () => import('./session/Register.vue'),
      meta: { for: 'anyone' },
    },
    {
      path: '/change-password',
      name: 'change-password',
      component: () => import('./session/ChangePassword.vue'),
      meta: { for: 'account' },
    },
    {
      path: '/password-reset',
      name: 'password-reset',
      component: () => import('./session/PasswordReset.vue'),
      meta: { for: 'anyone' },
    },
    {
      path: '/verify',
      name: 'verify',
      component: () => import('./session/VerifyAddress.vue'),
      meta: { for: 'anyone' },
    },
    {
      path: '/:rest(.*)',
      name: 'not-found',
      component: () => import('./shell/NotFound.vue'),
      meta: { for: 'anyone' },
    },
  ],
})

/** Begins to fetch the program of the view at this path. The router itself waits until it knows who is signed in. */
export function fetchView(path: string): void {
  const view = router.resolve(path).matched[0]?.components?.['default'] as
    (() => Promise<unknown>) | undefined
  // If it cannot be fetched, the router finds out, too.
  view?.().catch(() => undefined)
}

router.beforeEach(async (to) => {
  if (to.meta.for !== 'anyone' || to.name === 'sign-in') await useSession().begin()
  return redirection(to)
})

/** Returns where a reader has to go instead, or true. */
export function redirection(to: RouteLocationNormalized) {
  const { account } = useSession()
  if (to.name === 'sign-in' || to.name === 'register') return account ? next(to) : true
  if (to.meta.for === 'anyone') return true
  if (!account) return { name: 'sign-in', query: { next: to.fullPath } }
  if (to.name === 'change-password') return account.password_must_change || next(to)
  if (account.password_must_change) return { name: 'change-password', query: { next: to.fullPath } }
  if (to.meta.for === 'account' || to.meta.for === account.role) return true
  return { name: account.role === 'admin' ? 'accounts' : 'documents' }
}

/** Returns the view in which the reader was before the sign-in. Only paths of the page count. */
export function next(to: RouteLocationNormalized): string {
  const wanted = to.query['next']
  return typeof wanted === 'string' && /^\/(?!\/)/.test(wanted) ? wanted : '/'
}
