// SPDX-License-Identifier: Apache-2.0
// The admin API as typed calls: `await send(api.PUT('/environments/{environment}/limits', {…}))`.
import createClient from 'openapi-fetch';
import { problemOf, toProblem, type ApiProblem } from './problem';
import type { paths } from './schema.generated';

/** What came back, with the version it had (its ETag), which a change sends back as If-Match. */
export interface Versioned<T> {
  readonly data: T;
  readonly etag: string | null;
}

let csrfToken: string | null = null;
/** The session's token, which unsafe methods must carry. Set by whoever reads GET /session. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

type Listener = (problem: ApiProblem) => void;
let signedOut: Listener = () => {};
/** Who is told when the session has ended (401 sign-in-required). */
export function onSignedOut(listener: Listener): void {
  signedOut = listener;
}

type Retry = () => Promise<boolean>;
let askForSignIn: Retry = () => Promise.resolve(false);
/** Who asks for the password where an act needs a recent sign-in; resolves to whether it was given. */
export function onRecentSignInRequired(ask: Retry): void {
  askForSignIn = ask;
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

async function readProblem(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.clone().json().catch(() => null);
  return problemOf(response, body);
}

/** fetch with the CSRF token; a request refused for want of a recent sign-in is sent once more after the password. */
async function fetchWithSession(request: Request): Promise<Response> {
  const again = isSafe(request.method) ? null : request.clone();
  if (!isSafe(request.method) && csrfToken) request.headers.set('Chatelaine-CSRF', csrfToken);
  const response = await fetch(request);
  if (response.status === 403 && again && (await readProblem(response)).code === 'recent-sign-in-required' && (await askForSignIn())) {
    if (csrfToken) again.headers.set('Chatelaine-CSRF', csrfToken);
    return fetch(again);
  }
  return response;
}

export const api = createClient<paths>({ baseUrl: '/admin/v1', fetch: fetchWithSession });

interface Sent<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for a call of `api`: its answer with its version, or throws an ApiProblem. */
export async function send<T>(call: Promise<Sent<T>>): Promise<Versioned<T>> {
  let sent: Sent<T>;
  try {
    sent = await call;
  } catch (error) {
    throw toProblem(error);
  }
  const { data, error, response } = sent;
  if (!response.ok) {
    const problem = problemOf(response, error);
    if (problem.status === 401 && problem.code === 'sign-in-required') signedOut(problem);
    throw problem;
  }
  return { data: data as T, etag: response.headers.get('etag') };
}

/** The header that lets a change through only where nobody else has changed it since. Without a version the server refuses. */
export const ifMatch = (version: { etag: string | null } | string | null): { 'If-Match': string } => ({
  'If-Match': (typeof version === 'object' ? version?.etag : version) ?? '',
});
