// SPDX-License-Identifier: Apache-2.0
import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';
import { api, send, setCsrfToken, type Versioned } from './client';
import type { components } from './schema.generated';

export type Session = components['schemas']['Session'];

/** Who is signed in, and how one may. Its token goes into every unsafe request from then on. */
export const sessionQuery = queryOptions({
  queryKey: ['/session', null],
  queryFn: async ({ signal }) => keepSession(await send(api.GET('/session', { signal }))).data,
  staleTime: 60_000,
});

/** Remembers the token of a session that some call has answered with. */
export function keepSession(answer: Versioned<Session>): Versioned<Session> {
  setCsrfToken(answer.data.csrfToken);
  return answer;
}

/** After signing in: what was read as somebody else, or as nobody, is dropped. */
export function beginSession(client: QueryClient, session: Session): void {
  setCsrfToken(session.csrfToken);
  forgetSession(client);
  client.setQueryData(sessionQuery.queryKey, session);
}

/** After signing out, or where the session has ended by itself: the page knows it at once, without asking. */
export function endSession(client: QueryClient): void {
  setCsrfToken(null);
  client.setQueryData(sessionQuery.queryKey, (known: Session | undefined) => known && { ...known, isSignedIn: false, administrator: null, csrfToken: null, isRecent: false });
}

/** What was read in a session that has ended is forgotten: once nothing on the page shows it any more. */
export const forgetSession = (client: QueryClient): void => client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== '/session' });

export const useSession = (): Session | undefined => useQuery(sessionQuery).data;

export type Right = 'read' | 'configure' | 'secrets' | 'people-write' | 'manage' | 'own';
type Role = 'owner' | 'admin' | 'developer' | 'viewer';
const rights: Record<Role, readonly Right[]> = {
  owner: ['read', 'configure', 'secrets', 'people-write', 'manage', 'own'],
  admin: ['read', 'configure', 'secrets', 'people-write', 'manage'],
  developer: ['read', 'configure', 'secrets'],
  viewer: ['read'],
};

/** Whether the session's roles hold a right, in a product or (null) in the whole installation. The server decides; this
 * only says what is worth offering. */
export const hasRight = (session: Session | undefined, right: Right, product: string | null = null): boolean =>
  session?.administrator?.roles.some((grant) => (grant.product === null || grant.product === product) && rights[grant.role].includes(right)) ?? false;

/** `useRight('configure', environment.productId)`. */
export const useRight = (right: Right, product: string | null = null): boolean => hasRight(useSession(), right, product);
