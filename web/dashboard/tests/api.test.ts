// SPDX-License-Identifier: Apache-2.0
import { MutationObserver } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api, ifMatch, onRecentSignInRequired, onSignedOut, send, setCsrfToken } from '../src/api/client';
import { ApiProblem, toProblem } from '../src/api/problem';
import { createQueryClient } from '../src/api/resource';
import { beginSession, endSession, forgetSession, hasRight, sessionQuery, type Session } from '../src/api/session';

// The client takes its Request when it is made, and Node's needs a whole address.
vi.hoisted(() => {
  const Real = globalThis.Request;
  globalThis.Request = class extends Real {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(typeof input === 'string' && input.startsWith('/') ? `http://dashboard${input}` : input, init);
    }
  };
});

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', ...headers } });
const problem = (status: number, code: string, more: object = {}) => answer(status, { type: `urn:chatelaine:problem:${code}`, title: 'Refused', status, detail: 'Because.', ...more });

const asked: Request[] = [];
function server(...answers: Response[]) {
  asked.length = 0;
  vi.stubGlobal('fetch', async (request: Request) => (asked.push(request), answers.shift() ?? answer(500, {})));
}
beforeEach(() => {
  setCsrfToken(null);
  onSignedOut(() => {});
  onRecentSignInRequired(() => Promise.resolve(false));
});

describe('calls of the admin API', () => {
  it('give the answer with its version', async () => {
    server(answer(200, { origins: [] }, { etag: '"7"' }));
    expect(await send(api.GET('/environments/{environment}/origins', { params: { path: { environment: 'env_1' } } }))).toEqual({ data: { origins: [] }, etag: '"7"' });
    expect(asked[0]!.url).toBe('http://dashboard/admin/v1/environments/env_1/origins');
  });

  it('carry the session’s token where they change something, and only there', async () => {
    setCsrfToken('secret-of-session');
    server(answer(200, {}), answer(204, null));
    await send(api.GET('/session'));
    await send(api.DELETE('/session'));
    expect(asked.map(({ headers }) => headers.get('chatelaine-csrf'))).toEqual([null, 'secret-of-session']);
  });

  it('name the version they change', async () => {
    server(answer(200, { origins: [] }));
    await send(api.PUT('/environments/{environment}/origins', { params: { path: { environment: 'env_1' }, header: ifMatch('"7"') }, body: { origins: ['*'] } }));
    expect(asked[0]!.headers.get('if-match')).toBe('"7"');
    expect(await asked[0]!.json()).toEqual({ origins: ['*'] });
    expect(ifMatch(null)).toEqual({ 'If-Match': '' }); // never "*": without a version the server refuses
  });

  it('throw what the server refused, with its code and fields', async () => {
    server(problem(422, 'invalid', { errors: [{ pointer: '/origins/0', detail: 'No path.' }] }));
    const refused = await send(api.GET('/session')).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiProblem);
    expect(refused).toMatchObject({ code: 'invalid', status: 422, detail: 'Because.', errors: [{ pointer: '/origins/0', detail: 'No path.' }] });
  });

  it('say how long to wait', async () => {
    server(answer(429, { type: 'urn:chatelaine:problem:too-many-attempts', title: 'Too many', status: 429, detail: '' }, { 'retry-after': '30' }));
    await expect(send(api.GET('/session'))).rejects.toMatchObject({ retryAfter: 30 });
  });

  it('make a problem of an answer that is none, and of silence', async () => {
    server(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(send(api.GET('/session'))).rejects.toMatchObject({ code: 'http-502', status: 502 });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(send(api.GET('/session'))).rejects.toMatchObject({ code: 'unreachable', status: 0 });
    expect(toProblem(new Error('boom')).code).toBe('page');
  });

  it('tell when the session has ended, but not of a wrong password', async () => {
    const ended = vi.fn();
    onSignedOut(ended);
    server(problem(401, 'credentials-wrong'), problem(401, 'sign-in-required'));
    await send(api.GET('/account')).catch(() => null);
    expect(ended).not.toHaveBeenCalled();
    await send(api.GET('/account')).catch(() => null);
    expect(ended).toHaveBeenCalledOnce();
  });

  it('are sent once more, with their body and the new token, after the password was given again', async () => {
    setCsrfToken('old');
    onRecentSignInRequired(async () => {
      setCsrfToken('new');
      return true;
    });
    server(problem(403, 'recent-sign-in-required'), answer(200, { recoveryCodes: ['a'] }));
    await send(api.POST('/account/totp/confirm', { body: { code: '123456' } }));
    expect(asked.map(({ headers }) => headers.get('chatelaine-csrf'))).toEqual(['old', 'new']);
    expect(await asked[1]!.json()).toEqual({ code: '123456' });
  });

  it('stay refused where it was not given, and where another right is missing', async () => {
    server(problem(403, 'recent-sign-in-required'));
    await expect(send(api.POST('/account/totp'))).rejects.toMatchObject({ code: 'recent-sign-in-required' });
    const ask = vi.fn(() => Promise.resolve(true));
    onRecentSignInRequired(ask);
    server(problem(403, 'role-insufficient'));
    await expect(send(api.POST('/account/totp'))).rejects.toMatchObject({ code: 'role-insufficient' });
    expect(ask).not.toHaveBeenCalled();
  });
});

describe('rights', () => {
  const with_ = (...roles: { product: string | null; role: string }[]) => ({ administrator: { roles } }) as unknown as Session;
  it.each([
    ['own', null, [{ product: null, role: 'owner' }], true],
    ['own', null, [{ product: null, role: 'admin' }], false],
    ['configure', 'prod_1', [{ product: 'prod_1', role: 'developer' }], true],
    ['configure', 'prod_2', [{ product: 'prod_1', role: 'developer' }], false],
    ['secrets', 'prod_1', [{ product: null, role: 'viewer' }, { product: 'prod_1', role: 'developer' }], true],
    ['people-write', 'prod_1', [{ product: null, role: 'developer' }], false],
    ['read', 'prod_9', [], false],
  ] as const)('%s in %s by %j: %s', (right, product, roles, expected) => {
    expect(hasRight(with_(...roles), right, product)).toBe(expected);
  });
});

describe('the end of a session', () => {
  it('is known at once, and what was read in it is forgotten', () => {
    const client = createQueryClient();
    const session = { isSignedIn: true, isSetUp: true, administrator: { name: 'Ada' }, csrfToken: 'x', isRecent: true, methods: { password: true } } as unknown as Session;
    client.setQueryData(['/account', null], { name: 'Ada' });
    beginSession(client, session);
    expect(client.getQueryData(['/account', null])).toBeUndefined(); // it was read as somebody else
    client.setQueryData(['/account', null], { name: 'Ada' });
    endSession(client);
    forgetSession(client);
    expect(client.getQueryData(sessionQuery.queryKey)).toMatchObject({ isSignedIn: false, administrator: null, csrfToken: null, methods: { password: true } });
    expect(client.getQueryData(['/account', null])).toBeUndefined();
  });

  it('leaves nothing of what was sent and answered: passwords, tokens and secrets', async () => {
    const client = createQueryClient();
    const change = new MutationObserver(client, { mutationFn: async (password: string) => ({ token: `ca_${password}` }) });
    const stop = change.subscribe(() => {});
    await change.mutate('secret');
    expect(change.getCurrentResult().data).toEqual({ token: 'ca_secret' });
    stop();
    await vi.waitFor(() => expect(client.getMutationCache().getAll()).toEqual([]));
  });
});
