// SPDX-License-Identifier: Apache-2.0
// Passkeys in the real browser: Chromium's own WebAuthn, with a virtual authenticator in the place of a fingerprint reader.
import { setUp } from '../../tests/integration/lib/openapi.mjs';
import { startServer } from '../../tests/integration/lib/server.mjs';
import { expect, test as base } from '@playwright/test';

const test = base.extend({
  server: async ({}, use) => {
    const ends = [];
    const server = await startServer({ after: (end) => ends.push(end) });
    await use(server);
    for (const end of ends.reverse()) await end();
  },
});

/** Calls the API from the page, as the dashboard does. */
const call = (page, method, path, body, csrf) => page.evaluate(async ([how, where, what, token]) => {
  const response = await fetch(`/admin/v1${where}`, {
    method: how, headers: { ...(what && { 'Content-Type': 'application/json' }), ...(token && { 'Chatelaine-CSRF': token }) }, ...(what && { body: JSON.stringify(what) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}, [method, path, body, csrf]);

/** The whole of a ceremony in the page: options as the server gave them, and what the browser made of them. */
const ceremony = (page, kind, options) => page.evaluate(async ([how, given]) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const publicKey = { ...given, challenge: bytes(given.challenge) };
  for (const list of ['excludeCredentials', 'allowCredentials']) publicKey[list] = given[list]?.map((one) => ({ ...one, id: bytes(one.id) }));
  if (given.user) publicKey.user = { ...given.user, id: bytes(given.user.id) };
  const credential = await navigator.credentials[how]({ publicKey }).catch((error) => error);
  if (credential instanceof Error) return { error: credential.name };
  const { response } = credential;
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    response: how === 'create'
      ? { clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.getAuthenticatorData()), transports: response.getTransports() }
      : { clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), signature: text(response.signature), userHandle: response.userHandle && text(response.userHandle) },
  };
}, [kind, options]);

async function device(page, more = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...more },
  });
  return { session, authenticatorId };
}

async function signedInPage(context, server) {
  const { cookie } = await setUp(server);
  const home = server.url.replace('127.0.0.1', 'localhost');
  const pairs = cookie.split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  await context.addCookies(pairs.map(([name, value]) => ({ name, value, url: home, httpOnly: true, sameSite: 'Lax' })));
  const page = await context.newPage();
  await page.route(`${home}/empty`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>A page of the dashboard\'s origin</title>' }));
  await page.goto(`${home}/empty`);
  return { page, home };
}

test('Chromium adds a passkey and signs in with it, without an address or a password', async ({ context, server }) => {
  const { page, home } = await signedInPage(context, server);
  await device(page);
  const { body: session } = await call(page, 'GET', '/session');
  expect(session.isSignedIn).toBe(true);
  const { body: creation } = await call(page, 'POST', '/account/passkeys/options', undefined, session.csrfToken);
  const created = await ceremony(page, 'create', creation);
  const added = await call(page, 'POST', '/account/passkeys', { name: 'this browser', credential: created }, session.csrfToken);
  expect(added.status, JSON.stringify(added.body)).toBe(201);
  // The same device is not added twice: the browser sees it in excludeCredentials.
  const { body: again } = await call(page, 'POST', '/account/passkeys/options', undefined, session.csrfToken);
  expect(await ceremony(page, 'create', again)).toEqual({ error: 'InvalidStateError' });
  expect((await call(page, 'DELETE', '/session', undefined, session.csrfToken)).status).toBe(204);
  expect((await call(page, 'GET', '/account')).status).toBe(401);
  for (let i = 0; i < 2; i++) {
    const { body: options } = await call(page, 'POST', '/session/passkey/options');
    const shown = await ceremony(page, 'get', options);
    const signedIn = await call(page, 'POST', '/session/passkey', { credential: shown });
    expect(signedIn.status, JSON.stringify(signedIn.body)).toBe(200);
    expect(signedIn.body.administrator.email).toBe('ada@acme.example');
    expect((await call(page, 'POST', '/session/passkey', { credential: shown }, signedIn.body.csrfToken)).status).toBeGreaterThanOrEqual(400);
    await call(page, 'DELETE', '/session', undefined, signedIn.body.csrfToken);
  }
  // The cookie is nothing that a script could read.
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(home).toContain('localhost');
});

test('a device that does not check its owner is refused', async ({ context, server }) => {
  const { page } = await signedInPage(context, server);
  const { session: cdp, authenticatorId } = await device(page);
  const { body: session } = await call(page, 'GET', '/session');
  const { body: creation } = await call(page, 'POST', '/account/passkeys/options', undefined, session.csrfToken);
  // Whatever a page was talked into: the flag stands in what is signed.
  const created = await ceremony(page, 'create', creation);
  expect((await call(page, 'POST', '/account/passkeys', { name: 'this browser', credential: created }, session.csrfToken)).status).toBe(201);
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  const { body: options } = await call(page, 'POST', '/session/passkey/options', undefined, session.csrfToken);
  const shown = await ceremony(page, 'get', { ...options, userVerification: 'discouraged' });
  const refused = await call(page, 'POST', '/session/passkey', { credential: shown }, session.csrfToken);
  expect([refused.status, refused.body.type]).toEqual([422, 'urn:chatelaine:problem:passkey-invalid']);
});
