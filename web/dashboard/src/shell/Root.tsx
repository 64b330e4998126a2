// SPDX-License-Identifier: Apache-2.0
import { Link, Outlet, useRouter, useRouterState, type ErrorComponentProps } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { toProblem } from '../api/problem';
import { AccessFrame } from '../pages/access/AccessFrame';
import { Button, buttonClass } from '../ui/Button';
import { Page } from '../ui/Page';
import { Problem } from '../ui/Problem';

// Neither is needed to draw a page: they come after it.
const ToastHost = lazy(() => import('../ui/ToastHost'));
const RecentSignIn = lazy(() => import('./RecentSignIn'));

/** What stands around every page. */
export function Root() {
  useFocusOnNewPage();
  return (
    <>
      <Outlet />
      <Suspense fallback={null}>
        <ToastHost />
        <RecentSignIn />
      </Suspense>
    </>
  );
}

/** Another page: its title gets the focus, so that a keyboard begins there and a screen reader says where it is. */
function useFocusOnNewPage() {
  const pathname = useRouterState({ select: (state) => (state.status === 'idle' ? state.resolvedLocation?.pathname : undefined) });
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (pathname === undefined) return;
    if (before.current !== undefined && before.current !== pathname) document.getElementById('page-title')?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname]);
}

export function NotFound() {
  return (
    <Page title="Nothing here" lead="This address leads to no page: it may have been deleted, or you may have no role in its product.">
      <div className="row"><Link to="/" className={buttonClass('primary')}>To the start</Link></div>
    </Page>
  );
}

/** Nothing could be read, not even who is signed in: there is no navigation to stand around it. */
export function NothingToShow({ error }: ErrorComponentProps) {
  return (
    <AccessFrame title="Nothing could be read">
      <Problem of={toProblem(error)} action={<Button onClick={() => location.reload()}>Try again</Button>} />
    </AccessFrame>
  );
}

/** A page that could not be read. */
export function PageProblem({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const problem = toProblem(error);
  if (problem.status === 404) return <NotFound />;
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Page title="This page could not be read">
      <Problem of={problem} action={<Button onClick={again}>Try again</Button>} />
    </Page>
  );
}
