// SPDX-License-Identifier: Apache-2.0
// The dashboard's one page: at which addresses it is, and with what policy it comes.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer, temporaryDirectory } from './lib/server.mjs';

/** A server with pages of our own, as --web gives them while the dashboard is being worked on. */
async function serverWithPages(t) {
  const web = temporaryDirectory(t);
  mkdirSync(join(web, 'dashboard'));
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>The dashboard</title>');
  writeFileSync(join(web, 'dashboard/index.0123abcd.js'), 'export {};');
  return startServer(t, { args: ['--web', web] });
}

test('the page is at each of the dashboard\'s addresses, and nowhere else', async (t) => {
  const server = await serverWithPages(t);
  const status = async (path, options) => (await server.fetch(path, options)).status;
  for (const path of ['/', '/setup', '/sign-in', '/invitation', '/account', '/account/passkeys', '/admins', '/settings', '/products', '/products/acme', '/audit', '/e/env_1/tools/x', '/?a=b']) {
    assert.equal(await (await server.fetch(path)).text(), '<!doctype html><title>The dashboard</title>', path);
  }
  for (const path of ['/setups', '/x', '/e2', '/index', '/admin', '/admin/v1', '/v1', '/Products', '/.well-known/x']) assert.equal(await status(path), 404, path);
  assert.equal(await status('/admin/v1/nothing'), 404);
  assert.equal((await server.fetch('/products', { method: 'HEAD' })).status, 200);
});

test('its policy lets in nothing of others', async (t) => {
  const server = await serverWithPages(t);
  const page = await server.fetch('/products');
  const policy = Object.fromEntries(page.headers.get('content-security-policy').split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1).join(' ')]));
  assert.deepEqual(policy, {
    'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'img-src': "'self' data: blob:", 'font-src': "'self'",
    'connect-src': `'self' ws://127.0.0.1:${server.port}`, 'frame-src': "'self'", 'frame-ancestors': "'none'", 'base-uri': "'none'", 'form-action': "'self'",
  });
  assert.equal(page.headers.get('referrer-policy'), 'same-origin');
  assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin');
  assert.equal(page.headers.get('access-control-allow-origin'), null);
  const script = await server.fetch('/dashboard/index.0123abcd.js');
  assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(script.headers.get('access-control-allow-origin'), null);
  assert.equal(script.headers.get('cross-origin-resource-policy'), 'same-origin');
});

test('what the admin API answers is kept by nobody and framed by nobody', async (t) => {
  const server = await serverWithPages(t);
  const answer = await server.fetch('/admin/v1/session');
  assert.equal(answer.status, 200);
  for (const [name, value] of [['cache-control', 'no-store'], ['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer'], ['cross-origin-resource-policy', 'same-origin'],
    ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"], ['access-control-allow-origin', null]]) assert.equal(answer.headers.get(name), value, name);
});
