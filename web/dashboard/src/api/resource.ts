// SPDX-License-Identifier: Apache-2.0
// Queries over the admin API for TanStack Query. Keys are [path template, parameters], so that a change can drop all of a path.
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';
import type { FetchOptions, ParseAsResponse } from 'openapi-fetch';
import type { PathsWithMethod, SuccessResponse } from 'openapi-typescript-helpers';
import { api, send, type Versioned } from './client';
import type { ApiProblem } from './problem';
import type { paths } from './schema.generated';

export type GetPath = PathsWithMethod<paths, 'get'>;
type Operation<P extends GetPath> = paths[P] extends { get: infer O } ? O : never;
/** What GET of a path answers. */
export type Answer<P extends GetPath> = ParseAsResponse<SuccessResponse<Operation<P> extends { responses: infer R extends Record<string | number, unknown> } ? R : never, `${string}/${string}`>, FetchOptions<Operation<P>>>;
type Parameters<P extends GetPath> = FetchOptions<Operation<P>> extends { params: infer A } ? A : FetchOptions<Operation<P>> extends { params?: infer A } ? NonNullable<A> : never;
type Arguments<P extends GetPath> = FetchOptions<Operation<P>> extends { params: unknown } ? [params: Parameters<P>] : [params?: Parameters<P>];

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiProblem;
  }
}

// openapi-fetch's own types depend on the path; inside, where the path is a variable, they cannot.
const get = (path: string, init: object): Promise<{ data?: unknown; error?: unknown; response: Response }> =>
  (api.GET as unknown as (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>)(path, init);

/** One resource with its version: `useQuery(resource('/environments/{environment}', { path: { environment } }))` has
 * `data.data` and `data.etag`. */
export function resource<P extends GetPath>(path: P, ...[params]: Arguments<P>) {
  return queryOptions({
    queryKey: [path, params ?? null] as const,
    queryFn: ({ signal }) => send(get(path, { params: params ?? {}, signal })) as Promise<Versioned<Answer<P>>>,
  });
}

type Item<T> = T extends { items: readonly (infer I)[] } ? I : never;
export interface ListPage<T> {
  items: T[];
  next: string | null;
}

/** A list by pages: `useInfiniteQuery(list('/products', { query: { search } }))`, or all of it in `DataTable`. */
export function list<P extends GetPath>(path: P, ...[params]: Arguments<P>) {
  return infiniteQueryOptions({
    queryKey: [path, params ?? null, 'pages'] as const,
    queryFn: async ({ signal, pageParam }) => {
      const given = (params ?? {}) as { query?: object };
      const { data } = await send(get(path, { params: { ...given, query: { ...given.query, ...(pageParam ? { cursor: pageParam } : {}) } }, signal }));
      return data as ListPage<Item<Answer<P>>>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page: ListPage<Item<Answer<P>>>) => page.next,
  });
}

/** Drops what is remembered of these paths (and of all below, with a path's beginning), so that it is read again where shown. */
export const forget = (client: QueryClient, ...templates: string[]): Promise<void> =>
  client.invalidateQueries({ predicate: ({ queryKey }) => templates.some((template) => typeof queryKey[0] === 'string' && queryKey[0].startsWith(template)) });

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // A refusal stays a refusal; only silence is asked twice.
        retry: (count, problem) => count < 2 && (problem.status === 0 || problem.status >= 502),
        retryDelay: (attempt) => 300 * 2 ** attempt,
      },
      mutations: { retry: false, gcTime: 0 }, // what is sent and answered may be a password, a token, a secret: kept no longer than it is shown
    },
  });
