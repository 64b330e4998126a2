// SPDX-License-Identifier: Apache-2.0
// Acme alone, as a browser and the chat's server meet it: sign-in, tokens in every mode, and who may call a tool.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { X509Certificate } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, importX509, jwtVerify } from 'jose';
import { Webhook } from 'standardwebhooks';

const signingSecret = 'a-signing-secret-of-thirty-two-bytes-or-more';
const toolSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let directory;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'acme-'));
  writeFileSync(join(directory, 'signing'), `${signingSecret}\n`);
  writeFileSync(join(directory, 'tool'), toolSecret);
});
after(() => rmSync(directory, { recursive: true }));

async function startAcme(t, settings = {}) {
  const child = spawn(process.execPath, [new URL('../server.mjs', import.meta.url).pathname], {
    env: {
      PATH: process.env.PATH, ACME_PORT: '0', ACME_ISSUER: 'https://acme.example',
      ACME_SECRET_FILE: join(directory, 'signing'), ACME_TOOL_SECRET_FILE: join(directory, 'tool'), ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, 'Acme ends cleanly');
  });
  const [line] = await once(child.stdout, 'data');
  return /http:\S+/.exec(String(line))[0];
}

async function signIn(url, login, password) {
  const response = await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ login, password }), redirect: 'manual' });
  return { status: response.status, cookie: (response.headers.get('set-cookie') ?? '').split(';')[0], header: response.headers.get('set-cookie') };
}

async function tokenOf(url, login, password) {
  const { cookie } = await signIn(url, login, password);
  const response = await fetch(`${url}/chat-token`, { method: 'POST', headers: { cookie } });
  assert.equal(response.status, 200);
  return (await response.json()).token;
}

function callTool(url, tool, call, secret = toolSecret) {
  const body = JSON.stringify(call);
  const now = new Date();
  const headers = {
    'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', now, body), 'content-type': 'application/json',
  };
  return fetch(`${url}/tools/${tool}`, { method: 'POST', headers, body });
}

test('only the right password signs in, and the cookie is out of scripts’ reach', async (t) => {
  const url = await startAcme(t);
  assert.equal((await signIn(url, 'ada', 'wrong')).status, 401);
  assert.equal((await signIn(url, 'bob', 'analytical-engine')).status, 401);
  const { status, header } = await signIn(url, 'ada', 'analytical-engine');
  assert.equal(status, 303);
  assert.match(header, /HttpOnly; SameSite=Lax/);
});

test('no token without a session, nor for a page of another origin', async (t) => {
  const url = await startAcme(t);
  assert.equal((await fetch(`${url}/chat-token`, { method: 'POST' })).status, 401);
  const { cookie } = await signIn(url, 'ada', 'analytical-engine');
  assert.equal((await fetch(`${url}/chat-token`, { method: 'POST', headers: { cookie, origin: 'https://evil.example' } })).status, 403);
  await fetch(`${url}/logout`, { method: 'POST', headers: { cookie }, redirect: 'manual' });
  assert.equal((await fetch(`${url}/chat-token`, { method: 'POST', headers: { cookie } })).status, 401);
});

test('the HS256 token says who it is, for whom, and for how long', async (t) => {
  const url = await startAcme(t, { ACME_TOKEN_SECONDS: '20' });
  const token = await tokenOf(url, 'ada', 'analytical-engine');
  const { payload } = await jwtVerify(token, new TextEncoder().encode(signingSecret), { issuer: 'https://acme.example', audience: 'chat' });
  assert.equal(payload.sub, 'customer-ada');
  assert.equal(payload.accountId, '1001');
  assert.equal(payload.exp - payload.iat, 20);
  assert.deepEqual(payload.permissions, ['balance:read', 'card:freeze']);
});

for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
  test(`its own ${algorithm} keys: key set, certificates, rotation`, async (t) => {
    const url = await startAcme(t, { ACME_MODE: 'jwks', ACME_ALG: algorithm });
    const keySet = async () => createLocalJWKSet(await (await fetch(`${url}/.well-known/jwks.json`)).json());
    const before = await tokenOf(url, 'bob', 'blue-bicycle');
    await jwtVerify(before, await keySet(), { algorithms: [algorithm] });

    const certificates = await (await fetch(`${url}/certificates`)).json();
    const { kid } = decodeProtectedHeader(before);
    assert.equal(new X509Certificate(certificates[kid]).subject, 'CN=acme-bank');
    await jwtVerify(before, await importX509(certificates[kid], algorithm));

    await fetch(`${url}/rotate-keys`, { method: 'POST' });
    const later = await tokenOf(url, 'bob', 'blue-bicycle');
    assert.notEqual(decodeProtectedHeader(later).kid, kid);
    await jwtVerify(later, await keySet());
    await jwtVerify(before, await keySet());

    await fetch(`${url}/rotate-keys?drop-old`, { method: 'POST' });
    await assert.rejects(jwtVerify(before, await keySet()), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });
}

test('a tool answers a signed call, for its user’s own account only', async (t) => {
  const url = await startAcme(t);
  const ada = { sub: 'customer-ada', name: 'Ada Lovelace' };
  const own = await callTool(url, 'balance', { arguments: { account: '1001' }, user: ada });
  assert.deepEqual(await own.json(), { account: '1001', balance: '1,204.50', currency: '€' });
  assert.equal((await callTool(url, 'balance', { arguments: { account: '2002' }, user: ada })).status, 403);
  assert.equal((await callTool(url, 'balance', { arguments: { account: '1001' }, user: null })).status, 403);
  assert.equal((await callTool(url, 'branches', { arguments: {}, user: null })).status, 200);
});

test('an unsigned call, or one signed by another secret, gets nothing', async (t) => {
  const url = await startAcme(t);
  const call = { arguments: { account: '1001' }, user: { sub: 'customer-ada' } };
  assert.equal((await fetch(`${url}/tools/balance`, { method: 'POST', body: JSON.stringify(call) })).status, 401);
  assert.equal((await callTool(url, 'balance', call, `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).status, 401);
});

test('pages carry a policy without inline scripts, and escape what they show', async (t) => {
  const url = await startAcme(t, { CHATELAINE_PRODUCT: '"><script>alert(1)</script>' });
  const response = await fetch(url);
  assert.match(response.headers.get('content-security-policy'), /default-src 'none'; script-src 'self' http:\/\/127\.0\.0\.1:8080;/);
  assert.doesNotMatch(await response.text(), /<script>alert/);
});
