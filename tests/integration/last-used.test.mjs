// SPDX-License-Identifier: Apache-2.0
// Whether a key or a secret is still in use: what an administrator must know before ending it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from './lib/client.mjs';
import { environmentDocument } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, signWithSecret } from './lib/tokens.mjs';

const place = ['--product', 'acme', '--environment', 'test'];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

test('keys and secrets say when they were last used, each its own', async (t) => {
  let old;
  const server = await startServer(t, { document: environmentDocument(), prepare: async (one) => (old = await one.newSecret('acme')) });
  const fresh = await server.newSecret('acme', { action: 'rotate', more: ['--overlap', '1h'] });
  const unused = await server.newSecretKey();
  const backend = await server.newSecretKey();
  await server.settled();

  const keys = async () => server.chatelaine('key', 'list', ...place);
  const secrets = async () => server.chatelaine('secret', 'list', ...place);
  assert.deepEqual((await keys()).map((key) => key.lastUsedAt), [null, null, null]);

  const client = await connect(t, server);
  assert.equal((await client.identify(await signWithSecret(old, ada()))).type, 'auth.upgraded');
  await pause(1000);
  let used = (await secrets()).filter((secret) => secret.lastUsedAt);
  assert.equal(used.length, 1, 'the old secret is still in use');
  const oldId = used[0].id;
  assert.equal((await client.identify(await signWithSecret(fresh, ada()))).type, 'auth.upgraded');
  const verified = await server.fetch('/v1/verify', { method: 'POST', body: '{}', headers: { Authorization: `Bearer ${backend}` } });
  assert.equal(verified.status, 200);
  await pause(1000);
  assert.deepEqual((await secrets()).filter((secret) => secret.lastUsedAt).map((secret) => secret.id === oldId).sort(), [false, true]);
  const listed = await keys();
  const begins = (key) => listed.find((one) => key.startsWith(one.key ?? one.hint));
  assert.ok(Date.parse(begins(server.acme.publishableKey).lastUsedAt) >= Date.now() - 60_000);
  assert.ok(begins(backend).lastUsedAt);
  assert.equal(begins(unused).lastUsedAt, null);
});
