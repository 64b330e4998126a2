// SPDX-License-Identifier: Apache-2.0
// The table of pages. A page is a file in pages/ with a default export; each is loaded when it is first gone to, or pointed at.
// How to add one: README.md.
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { environmentQuery, lastEnvironment } from './api/environment';
import type { ApiProblem } from './api/problem';
import { sessionQuery } from './api/session';
import { firstPlace } from './shell/first-place';
import { NotFound, PageProblem, Root } from './shell/Root';
import { Shell } from './shell/Shell';
import { SkeletonPage } from './ui/Skeleton';

interface PageContext {
  queryClient: QueryClient;
}

/** What a page's file exports: the page, and what it reads, so that it can be read before it is drawn (even on hover). */
interface PageModule {
  default: ComponentType;
  prefetch?: (queryClient: QueryClient, params: Record<string, string>) => Promise<unknown>;
}

function page(load: () => Promise<PageModule>) {
  return {
    component: lazyRouteComponent(load),
    loader: async ({ context, params }: { context: PageContext; params: object }) => {
      await (await load()).prefetch?.(context.queryClient, params as Record<string, string>);
    },
  };
}

const root = createRootRouteWithContext<PageContext>()({ component: Root, notFoundComponent: NotFound, errorComponent: PageProblem });

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
  beforeLoad: () => {
    throw redirect({ to: '/products', replace: true });
  },
});

const routeTree = root.addChildren([
  signIn,
  setup,
  invitation,
  signedIn.addChildren([
    home,
    products,
    product,
    environment.addChildren([
      environmentHome,
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
