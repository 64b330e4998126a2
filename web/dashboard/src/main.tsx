// SPDX-License-Identifier: Apache-2.0
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from './api/client';
import { ApiProblem } from './api/problem';
import { createQueryClient } from './api/resource';
import { endSession } from './api/session';
import './global.css';
import { createDashboardRouter } from './router';
import { applyTheme } from './theme';

applyTheme();
const queryClient = createQueryClient();
const router = createDashboardRouter(queryClient);

// A session may end while a page is open: sign in, and come back to the same place.
onSignedOut(() => {
  endSession(queryClient);
  const { pathname, href } = router.state.location;
  if (!/^\/(sign-in|setup|invitation)/.test(pathname)) void router.navigate({ to: '/sign-in', search: { returnTo: href } });
});

// A refusal of the API is shown by the page itself: it is no fault of the program.
const onCaughtError = (error: unknown) => {
  if (!(error instanceof ApiProblem)) console.error(error);
};

createRoot(document.getElementById('dashboard')!, { onCaughtError }).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
