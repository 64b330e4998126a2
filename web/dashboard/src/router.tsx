// SPDX-License-Identifier: Apache-2.0
// The table of pages. A page is a file in pages/ with a default export; each is loaded when it is first gone to, or pointed at.
// How to add one: README.md.
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { environmentQuery, lastEnvironment } from './api/environment';
import type { ApiProblem } from './api/problem';
import { sessionQuery } from './api/session';
import { settingsSections, type SettingsSection } from './pages/installation/settings-sections';
import { readAuditSearch } from './pages/trust/audit-filter';
import { firstPlace } from './shell/first-place';
import { NothingToShow, NotFound, PageProblem, Root } from './shell/Root';
import { Shell } from './shell/Shell';
import { SkeletonPage } from './ui/Skeleton';

interface PageContext {
  queryClient: QueryClient;
}

/** What a page's file exports: the page, and what it reads, so that it can be read before it is drawn (even on hover). */
interface PageModule {
  default: ComponentType;
  prefetch?(queryClient: QueryClient, params: Record<string, string>): Promise<unknown>;
}

function page(load: () => Promise<PageModule>) {
  return {
    component: lazyRouteComponent(load),
    // Its params are each route's own, which a function for all of them cannot name.
    loader: (async ({ context, params }: { context: PageContext; params: Record<string, string> }) => {
      await (await load()).prefetch?.(context.queryClient, params);
    }) as () => Promise<void>,
  };
}

const root = createRootRouteWithContext<PageContext>()({ component: Root, notFoundComponent: NotFound, errorComponent: NothingToShow });

/* Without a session. */
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { returnTo?: string; problem?: string } => ({
    ...(typeof search.returnTo === 'string' ? { returnTo: search.returnTo } : {}),
    ...(typeof search.problem === 'string' ? { problem: search.problem } : {}),
  }),
  ...page(() => import('./pages/access/sign-in')),
});
const setup = createRoute({ getParentRoute: () => root, path: '/setup', ...page(() => import('./pages/access/setup')) });
const invitation = createRoute({ getParentRoute: () => root, path: '/invitation', ...page(() => import('./pages/access/invitation')) });

/* With one. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Shell,
  errorComponent: NothingToShow,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (!session.isSignedIn) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { returnTo: location.href } });
  },
});
const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async ({ context }) => {
    throw redirect(await firstPlace(context.queryClient));
  },
});
const products = createRoute({ getParentRoute: () => signedIn, path: '/products', ...page(() => import('./pages/installation/products')) });
const product = createRoute({ getParentRoute: () => signedIn, path: '/products/$product', ...page(() => import('./pages/installation/product')) });
const account = createRoute({ getParentRoute: () => signedIn, path: '/account', ...page(() => import('./pages/access/account')) });
const admins = createRoute({ getParentRoute: () => signedIn, path: '/admins', ...page(() => import('./pages/access/admins')) });
const administrator = createRoute({ getParentRoute: () => signedIn, path: '/admins/$administrator', ...page(() => import('./pages/access/administrator')) });
const settings = createRoute({ getParentRoute: () => signedIn, path: '/settings', ...page(() => import('./pages/installation/settings')) });

/* Of one environment: /e/<environment>/… */
const environment = createRoute({
  getParentRoute: () => signedIn,
  path: '/e/$environment',
  component: Outlet,
  loader: async ({ context, params }) => {
    try {
      await context.queryClient.ensureQueryData(environmentQuery(params.environment));
      lastEnvironment.keep(params.environment);
    } catch (error) {
      if ((error as ApiProblem).status === 404 && lastEnvironment.read() === params.environment) lastEnvironment.forget();
      throw error;
    }
  },
});
const environmentHome = createRoute({
  getParentRoute: () => environment,
  path: '/',
  beforeLoad: async ({ context, params }) => {
    const { counts } = (await context.queryClient.ensureQueryData(environmentQuery(params.environment))).data;
    // Nobody can be known yet: begin there.
    throw redirect({ to: counts.issuers === 0 ? '/e/$environment/start' : '/e/$environment/overview', params, replace: true });
  },
});

const overview = createRoute({ getParentRoute: () => environment, path: '/overview', ...page(() => import('./pages/overview/overview')) });
const environmentSettings = createRoute({
  getParentRoute: () => environment,
  path: '/settings',
  validateSearch: ({ section }: Record<string, unknown>): { section?: SettingsSection } => (settingsSections.some(({ value }) => value === section) ? { section: section as SettingsSection } : {}),
  ...page(() => import('./pages/installation/environment')),
});

/* Sign-in. */
const start = createRoute({ getParentRoute: () => environment, path: '/start', ...page(() => import('./pages/sign-in/start')) });
const visitorSignIn = createRoute({ getParentRoute: () => environment, path: '/sign-in', ...page(() => import('./pages/sign-in/visitor-sign-in')) });
const issuer = createRoute({ getParentRoute: () => environment, path: '/sign-in/$issuer', ...page(() => import('./pages/sign-in/issuer-page')) });
const newIssuer = createRoute({ getParentRoute: () => environment, path: '/new-issuer', ...page(() => import('./pages/sign-in/new-issuer')) });
const identityFederation = createRoute({ getParentRoute: () => environment, path: '/identity-federation', ...page(() => import('./pages/sign-in/identity-federation')) });
const federation = createRoute({ getParentRoute: () => environment, path: '/federation', ...page(() => import('./pages/sign-in/federation')) });
const provider = createRoute({ getParentRoute: () => environment, path: '/federation/$provider', ...page(() => import('./pages/sign-in/provider-page')) });
const testToken = createRoute({ getParentRoute: () => environment, path: '/test-token', ...page(() => import('./pages/sign-in/test-token')) });
const keySets = createRoute({ getParentRoute: () => environment, path: '/key-sets', ...page(() => import('./pages/sign-in/key-sets')) });

/* Assistant, people, trust. */
const tools = createRoute({ getParentRoute: () => environment, path: '/tools', ...page(() => import('./pages/assistant/tools')) });
const newTool = createRoute({ getParentRoute: () => environment, path: '/new-tool', ...page(() => import('./pages/assistant/new-tool')) });
const tool = createRoute({ getParentRoute: () => environment, path: '/tools/$name', ...page(() => import('./pages/assistant/tool-page')) });
const knowledge = createRoute({ getParentRoute: () => environment, path: '/knowledge', ...page(() => import('./pages/assistant/knowledge')) });
const newKnowledge = createRoute({ getParentRoute: () => environment, path: '/new-knowledge', ...page(() => import('./pages/assistant/new-knowledge')) });
const knowledgeSnippet = createRoute({ getParentRoute: () => environment, path: '/knowledge/$id', ...page(() => import('./pages/assistant/knowledge-snippet')) });
const appearance = createRoute({ getParentRoute: () => environment, path: '/appearance', ...page(() => import('./pages/assistant/appearance')) });
const greeting = createRoute({ getParentRoute: () => environment, path: '/assistant', ...page(() => import('./pages/assistant/greeting')) });
const visitors = createRoute({ getParentRoute: () => environment, path: '/visitors', ...page(() => import('./pages/people/visitors')) });
const visitor = createRoute({ getParentRoute: () => environment, path: '/visitors/$visitor', ...page(() => import('./pages/people/visitor-page')) });
const conversations = createRoute({ getParentRoute: () => environment, path: '/conversations', ...page(() => import('./pages/people/conversations')) });
const conversation = createRoute({ getParentRoute: () => environment, path: '/conversations/$conversation', ...page(() => import('./pages/people/conversation-page')) });
const audit = createRoute({ getParentRoute: () => environment, path: '/audit', validateSearch: readAuditSearch, ...page(() => import('./pages/trust/audit')) });
const installationAudit = createRoute({ getParentRoute: () => signedIn, path: '/audit', validateSearch: readAuditSearch, ...page(() => import('./pages/trust/installation-audit')) });

const routeTree = root.addChildren([
  signIn,
  setup,
  invitation,
  signedIn.addChildren([
    home,
    products,
    product,
    account,
    admins,
    administrator,
    settings,
    installationAudit,
    environment.addChildren([
      tools, newTool, tool, knowledge, newKnowledge, knowledgeSnippet, appearance, greeting,
      visitors, visitor, conversations, conversation, audit,
      environmentHome,
      overview,
      environmentSettings,
      start, visitorSignIn, issuer, newIssuer, identityFederation, federation, provider, testToken, keySets,
    ]),
  ]),
]);

export const createDashboardRouter = (queryClient: QueryClient) =>
  createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent', // what is pointed at or focused is read meanwhile
    defaultPreloadDelay: 30,
    defaultPreloadStaleTime: 0, // TanStack Query knows what is fresh
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    defaultPendingComponent: SkeletonPage,
    defaultErrorComponent: PageProblem,
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>;
  }
}
