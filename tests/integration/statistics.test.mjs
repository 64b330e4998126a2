// SPDX-License-Identifier: Apache-2.0
// Figures are exact: as many as there were, whichever thread counted them, across a restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBank } from './lib/bank.mjs';
import { connect } from './lib/client.mjs';
import { environmentDocument, keySetIssuer } from './lib/document.mjs';
import { administrator } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';
import { ada, bob, makeKey, serveKeys, signWithSecret } from './lib/tokens.mjs';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function environmentOf(api) {
  const { body: products } = await api.get('/products');
  const { body: environments } = await api.get(`/products/${products.items[0].id}/environments`);
  return `/environments/${environments.items[0].id}`;
}

const total = (body, name, label) => body.series.find((one) => one.name === name && one.label === label)?.total ?? 0;

/** Figures are written every five seconds. */
async function until(api, at, fits) {
  const end = Date.now() + 15_000;
  for (;;) {
    const { body } = await api.get(`${at}/statistics`, { query: { step: 300 } });
    if (fits(body)) return body;
    if (Date.now() > end) assert.fail(JSON.stringify(body.series));
    await pause(300);
  }
}

test('messages, tokens and their reasons, answers and what `required` would have refused are counted exactly', async (t) => {
  let secret;
  const server = await startServer(t, { document: environmentDocument(), args: ['--allow-private-egress', '--threads', '4'],
    prepare: async (one) => (secret = await one.newSecret('acme')) });
  const api = await administrator(server);
  const at = await environmentOf(api);
  const { body: empty } = await api.get(`${at}/statistics`);
  assert.equal(empty.series.reduce((sum, one) => sum + one.total, 0), 0);
  assert.deepEqual(empty.latencyTotal, { p50: null, p95: null, p99: null, count: 0 });

  await Promise.all(Array.from({ length: 8 }, async (_, number) => {
    const client = await connect(t, server);
    if (number < 5) await client.identify(await signWithSecret(secret, ada({ jti: `${number}` })));
    if (number === 5) await client.identify(await signWithSecret(secret, ada({ exp: 1 })));
    if (number === 6) await client.identify(await signWithSecret(secret, ada({ aud: 'other' })));
    for (let i = 0; i < 10; i++) await client.ask('What are your business hours?');
  }));
  const token = await signWithSecret(secret, bob());
  for (let i = 0; i < 25; i++) assert.equal((await server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } })).status, 200);
  assert.equal((await server.fetch('/v1/authorize', { key: server.acme.publishableKey })).status, 401);

  // Each thread writes its own, in several commits: all of it must have come.
  const body = await until(api, at, (one) => total(one, 'messages', 'anonymous') >= 30 && total(one, 'messages', 'verified') >= 50 &&
    total(one, 'verifications', 'missing-token/token-absent') >= 1 && total(one, 'verifications', 'ok') >= 5 + 50 + 25 &&
    ['expired/exp-passed', 'bad-claim/aud-mismatch', 'missing-token/token-absent'].every((why) => total(one, 'required', why) >= 10) && one.latencyTotal.count >= 80);
  assert.equal(total(body, 'messages', 'anonymous'), 30);
  assert.equal(total(body, 'messages', 'verified'), 50);
  assert.equal(total(body, 'verifications', 'missing-token/token-absent'), 1);
  assert.equal(total(body, 'verifications', 'expired/exp-passed'), 1);
  assert.equal(total(body, 'verifications', 'bad-claim/aud-mismatch'), 1);
  assert.equal(total(body, 'required', 'expired/exp-passed'), 10);
  assert.equal(total(body, 'required', 'bad-claim/aud-mismatch'), 10);
  assert.equal(total(body, 'required', 'missing-token/token-absent'), 10);
  assert.ok(total(body, 'verifications', 'ok') >= 5 + 50 + 25);
  assert.equal(body.latencyTotal.count, 80);
  assert.ok(body.latencyTotal.p50 > 0 && body.latencyTotal.p50 <= body.latencyTotal.p95 && body.latencyTotal.p95 <= body.latencyTotal.p99);
  assert.equal(body.at.length, body.series[0].counts.length);
  assert.equal(body.latency.length, body.at.length);
  assert.equal(body.series.find((one) => one.name === 'messages' && one.label === 'verified').counts.reduce((sum, one) => sum + one, 0), 50);
  for (const step of [3600, 86400]) {
    const { body: coarse } = await api.get(`${at}/statistics`, { query: { step } });
    assert.equal(total(coarse, 'messages', 'verified'), 50, `in steps of ${step}`);
    assert.equal(coarse.latencyTotal.count, 80);
  }
  const { body: required } = await api.get(`${at}/statistics/required`);
  assert.deepEqual([required.enforcement, required.messages, required.wouldBeRefused], ['optional', 80, 30]);
  assert.deepEqual(required.byReason.map((one) => `${one.reason}/${one.detail} ${one.count}`).sort(),
    ['bad-claim/aud-mismatch 10', 'expired/exp-passed 10', 'missing-token/token-absent 10']);

  for (const query of [{ step: 60 }, { from: 'x' }, { from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }]) await api.get(`${at}/statistics`, { query, status: 400 });
  await api.get(`${at}/statistics`, { query: { step: 300, from: '2026-01-01T00:00:00Z' }, status: 422 });

  // What was counted right before the end is written at the end.
  const client = await connect(t, server);
  for (let i = 0; i < 6; i++) await client.ask('What are your business hours?');
  for (let i = 0; i < 3; i++) await client.ask('What are your business hours?', { id: 'once' }); // sent again and again: one message
  await client.close();
  await server.stop();
  await server.start();
  const { body: after } = await api.get(`${at}/statistics`, { query: { step: 300 } });
  assert.equal(total(after, 'messages', 'anonymous'), 37);
  assert.equal(after.latencyTotal.count, 87);
});

test('tool calls are counted by what came of them', async (t) => {
  const { server, token } = await startBank(t);
  const api = await administrator(server);
  const at = await environmentOf(api);
  const client = await connect(t, server);
  await client.ask('What is my balance?'); // asks for a sign-in: the gate refused
  await client.identify(await token('ada'));
  await client.turn();
  await client.ask('What is my balance?');
  const body = await until(api, at, (one) => total(one, 'tool-calls', 'allowed') === 2);
  assert.deepEqual([total(body, 'tool-calls', 'refused'), total(body, 'tool-calls', 'failed')], [1, 0]);
  const { body: visitors } = await api.get(`${at}/visitors`, { query: { kind: 'verified' } });
  const { body: calls } = await api.get(`${at}/visitors/${visitors.items[0].id}/tool-calls`);
  assert.deepEqual(calls.items.map((row) => [row.action, row.tool, row.outcome]), [['tool.call', 'get_balance', 'allowed'], ['tool.call', 'get_balance', 'allowed']]);
});

test('fetches of key sets are counted for the environments that use them', async (t) => {
  const key = await makeKey('RS256');
  const keys = await serveKeys(t, key);
  const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(keys.url)] }) });
  const api = await administrator(server);
  const at = await environmentOf(api);
  const client = await connect(t, server);
  assert.equal((await client.identify(await key.sign(ada()))).type, 'auth.upgraded');
  const body = await until(api, at, (one) => total(one, 'key-set-fetches', 'ok') === 1);
  assert.equal(total(body, 'key-set-fetches', 'failed'), 0);
});
