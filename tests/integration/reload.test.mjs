// SPDX-License-Identifier: Apache-2.0
// SIGHUP: a running server takes a new master key, and nobody is interrupted.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { environmentDocument } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, signWithSecret } from './lib/tokens.mjs';

test('a new master key is taken on SIGHUP; secrets sealed before and after it verify', async (t) => {
  let secret;
  const server = await startServer(t, { document: environmentDocument(), prepare: async (one) => (secret = await one.newSecret('acme')) });
  const verify = async (by) => (await server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${await signWithSecret(by, ada({ jti: Math.random().toString() }))}` } })).status;
  const reload = async () => {
    const before = server.log().filter((line) => line.event === 'reloaded').length;
    process.kill(server.pid, 'SIGHUP');
    for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((done) => setTimeout(done, 30))) {
      const lines = server.log().filter((line) => line.event === 'reloaded');
      if (lines.length > before) return lines.at(-1);
    }
    return assert.fail('not reloaded within 15 s');
  };
  const until = async (by, what) => {
    for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) if (await verify(by) === 200) return;
    assert.fail(what);
  };
  assert.equal(await verify(secret), 200);
  assert.equal((await reload()).master_key, 'ok', 'nothing new changes nothing');

  await server.chatelaine('secret', 'new-master-key');
  assert.equal((await reload()).master_key, 'ok');
  const next = await server.newSecret('acme', { action: 'rotate', more: ['--overlap', '1h'] }); // sealed by the new key
  await until(next, 'a secret under the new master key');
  assert.equal(await verify(secret), 200, 'and one under the old');
  const resealed = await server.chatelaine('secret', 'reseal');
  assert.equal(resealed.unopened, 0);
  await until(secret, 'sealed anew');

  const file = join(server.data, 'master.key');
  chmodSync(file, 0o644);
  const refused = await reload();
  assert.deepEqual([refused.level, refused.master_key], ['error', 'denied']);
  assert.match(refused.why, /chmod 600/);
  assert.equal(await verify(next), 200, 'what cannot be read changes nothing');
  chmodSync(file, 0o600);
});
