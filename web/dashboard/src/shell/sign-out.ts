// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { api, send } from '../api/client';
import { endSession, forgetSession } from '../api/session';

/** Ends the session and forgets everything that was read in it. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  return async () => {
    await send(api.DELETE('/session')).catch(() => null); // ended already, then
    endSession(client);
    await router.navigate({ to: '/sign-in' });
    forgetSession(client);
  };
}
