// SPDX-License-Identifier: Apache-2.0
// The admin API as a program meets it: every operation on products, environments, configuration, issuers, keys, secrets and
// documents, each request and answer held against the document that the server serves (lib/openapi.mjs).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { administrator, documentOf, invited, setUp, visitorOf } from './lib/openapi.mjs';
import { startServer, temporaryDirectory } from './lib/server.mjs';

const tool = (name, more = {}) => ({
  name, title: name, description: 'Does it.', url: 'https://tools.example/do', access: 'public',
  parameters: { type: 'object', properties: {} }, ...more,
});
const snippet = (id, more = {}) => ({ id, title: id, triggers: [id], text: 'Text.', ...more });

/** The product acme with the environment live. */
async function environmentOf(api, { product = 'acme', environment = 'live', config } = {}) {
  const made = await api.post('/products', { name: product });
  const { body } = await api.post(`/products/${made.body.id}/environments`, { name: environment, ...(config && { config }) });
  return { product: made.body, environment: body, at: `/environments/${body.id}` };
}

test('products: made, read, renamed, listed, deleted', async (t) => {
  const server = await startServer(t);
  const api = await administrator(server);
  const { body: made, etag, headers } = await api.post('/products', { name: 'acme' });
  assert.equal(headers.get('location'), `/admin/v1/products/${made.id}`);
  assert.deepEqual((await api.get(`/products/${made.id}`)).body, made);
  assert.deepEqual((await api.get('/products/acme')).body, made, 'also by its name');
  assert.equal((await api.get(`/products/${made.id}`, { ifNoneMatch: etag })).status, 304);
  await api.post('/products', { name: 'acme' }, { status: 409 });
  const renamed = await api.patch(`/products/${made.id}`, { name: 'acme-two' }, { ifMatch: etag });
  assert.equal(renamed.body.version, 2);
  await api.patch(`/products/${made.id}`, { name: 'x' }, { ifMatch: etag, status: 412 });
  await api.patch(`/products/${made.id}`, { name: 'x' }, { status: 428 });
  for (const name of ['beta', 'gamma', 'delta']) await api.post('/products', { name });
  assert.deepEqual((await api.all('/products', { limit: 2 })).map((one) => one.name), ['acme-two', 'beta', 'delta', 'gamma']);
  assert.deepEqual((await api.all('/products', { search: 'be' })).map((one) => one.name), ['beta']);
  assert.deepEqual(await api.all('/products', { search: 'ä' }), []);
  await api.delete(`/products/${made.id}`, { ifMatch: etag, status: 412 });
  await api.delete(`/products/${made.id}`, { ifMatch: renamed.etag });
  await api.get(`/products/${made.id}`, { status: 404 });
});

test('environments: made with a key, renamed, copied, deleted; a product with environments stays', async (t) => {
  const api = await administrator(await startServer(t));
  const { product, environment, at } = await environmentOf(api, { config: { origins: ['https://acme.example'] } });
  assert.match(environment.publishableKey, /^pk_/);
  assert.equal(environment.kind, 'live');
  assert.equal(environment.productName, 'acme');
  assert.deepEqual(environment.counts, { issuers: 0, tools: 0, knowledge: 0, keys: 1, secrets: 0 });
  const document = { config: { origins: ['https://acme.example'] }, tools: [tool('a')], knowledge: [snippet('k')] };
  await api.put(`${at}/document`, document, { ifMatch: '*' });
  const copy = await api.post(`/products/${product.id}/environments`, { name: 'staging', copyOf: environment.id });
  assert.deepEqual((await api.get(`/environments/${copy.body.id}/document`)).body, document);
  assert.notEqual(copy.body.publishableKey, environment.publishableKey);
  assert.equal(copy.body.kind, 'other');
  await api.post(`/products/${product.id}/environments`, { name: 'live' }, { status: 409 });
  await api.post(`/products/${product.id}/environments`, { name: 'staging', copyOf: environment.id }, { status: 409 });
  await api.post(`/products/${product.id}/environments`, { name: 'x', copyOf: 'env_none' }, { status: 422 });
  const wrong = await api.post(`/products/${product.id}/environments`, { name: 'x', config: { orgins: [] } }, { status: 422 });
  assert.equal(wrong.body.errors[0].pointer, '/config/orgins');
  const renamed = await api.patch(at, { name: 'production' }, { ifMatch: (await api.get(at)).etag });
  assert.equal(renamed.body.kind, 'live');
  assert.deepEqual((await api.all(`/products/${product.id}/environments`, { limit: 1 })).map((one) => one.name), ['production', 'staging']);
  await api.delete(`/products/${product.id}`, { ifMatch: '*', status: 409 });
  await api.delete(at, { ifMatch: renamed.etag });
  await api.get(at, { status: 404 });
  await api.delete(`/environments/${copy.body.id}`, { ifMatch: '*' });
  await api.delete(`/products/${product.id}`, { ifMatch: '*' });
});

test('the configuration: as a whole and by its parts, under one version', async (t) => {
  const api = await administrator(await startServer(t));
  const { at } = await environmentOf(api);
  let { body, etag } = await api.get(`${at}/config`);
  assert.deepEqual(body, {});
  assert.deepEqual((await api.get(`${at}/sign-in`)).body, { enforcement: 'off', signInUrl: null, carryAnonymousConversation: true });
  for (const [part, value] of [
    ['origins', { origins: ['https://acme.example'] }],
    ['sign-in', { enforcement: 'optional', signInUrl: 'https://acme.example/sign-in', carryAnonymousConversation: false }],
    ['assistant', { kind: 'rules', greeting: 'Hello.' }],
    ['appearance', { title: 'Acme' }],
    ['limits', { messageCharacters: 100 }],
  ]) {
    await api.put(`${at}/${part}`, value, { status: 428 });
    await api.put(`${at}/${part}`, value, { ifMatch: '"999"', status: 412 });
    const saved = await api.put(`${at}/${part}`, value, { ifMatch: etag });
    assert.deepEqual(saved.body, value);
    assert.deepEqual((await api.get(`${at}/${part}`)).body, value);
    assert.notEqual(saved.etag, etag);
    etag = saved.etag;
    assert.equal((await api.get(`${at}/${part}`, { ifNoneMatch: etag })).status, 304);
    assert.equal((await api.put(`${at}/${part}`, value, { ifMatch: etag })).etag, etag, 'the same again changes nothing');
  }
  ({ body } = await api.get(`${at}/config`));
  assert.deepEqual(body, {
    origins: ['https://acme.example'],
    signIn: { enforcement: 'optional', signInUrl: 'https://acme.example/sign-in', carryAnonymousConversation: false },
    assistant: { kind: 'rules', greeting: 'Hello.' }, appearance: { title: 'Acme' }, limits: { messageCharacters: 100 },
  });
  const pointerOf = async (path, value) => (await api.put(`${at}${path}`, value, { ifMatch: '*', status: 422 })).body.errors[0].pointer;
  assert.equal(await pointerOf('/config', { origins: 7 }), '/origins');
  assert.equal(await pointerOf('/origins', { origins: ['not an origin'] }), '/origins/0');
  assert.equal(await pointerOf('/sign-in', { enforcement: 'perhaps' }), '/enforcement');
  assert.equal(await pointerOf('/sign-in', { enforcement: 'off', issuers: [] }), '/issuers');
  assert.equal(await pointerOf('/assistant', { kind: 'magic' }), '/kind');
  assert.equal(await pointerOf('/limits', { messageCharacters: -1 }), '/messageCharacters');
  assert.equal(await pointerOf('/appearance', []), '');
  assert.equal((await api.get(at)).etag, etag, 'what was refused has changed nothing');
  const whole = await api.put(`${at}/config`, {}, { ifMatch: etag });
  assert.deepEqual(whole.body, {});
});

test('issuers, one by one', async (t) => {
  const api = await administrator(await startServer(t));
  const { at } = await environmentOf(api);
  const hmac = { name: 'shop', mode: 'hmac', audiences: ['chat'] };
  const { headers } = await api.post(`${at}/issuers`, hmac);
  assert.equal(headers.get('location'), `/admin/v1${at}/issuers/shop`);
  await api.post(`${at}/issuers`, hmac, { status: 409 });
  await api.post(`${at}/issuers`, { name: 'idp', mode: 'key-set', keySetUrl: 'https://idp.example/jwks' });
  assert.deepEqual((await api.get(`${at}/issuers`)).body.items.map((one) => one.name), ['shop', 'idp']);
  assert.equal((await api.get(`${at}/sign-in`)).body.enforcement, 'optional', 'with an issuer, sign-in is on unless it says otherwise');
  const { body, etag } = await api.get(`${at}/issuers/idp`);
  assert.deepEqual(body, { name: 'idp', mode: 'key-set', keySetUrl: 'https://idp.example/jwks' });
  const wrong = await api.put(`${at}/issuers/idp`, { ...body, keySetUrl: 'ftp://idp.example' }, { ifMatch: etag, status: 422 });
  assert.equal(wrong.body.errors[0].pointer, '/keySetUrl');
  await api.put(`${at}/issuers/idp`, { ...body, name: 'shop' }, { ifMatch: etag, status: 409 });
  const renamed = await api.put(`${at}/issuers/idp`, { ...body, name: 'provider', audiences: ['a'] }, { ifMatch: etag });
  await api.get(`${at}/issuers/idp`, { status: 404 });
  await api.delete(`${at}/issuers/provider`, { ifMatch: etag, status: 412 });
  await api.delete(`${at}/issuers/provider`, { ifMatch: renamed.etag });
  assert.equal((await api.get(at)).body.counts.issuers, 1);
});

test('keys: listed in pages, shown once, revoked', async (t) => {
  const api = await administrator(await startServer(t));
  const { at, environment } = await environmentOf(api);
  const { body } = await api.post(`${at}/keys`, { kind: 'secret' });
  assert.match(body.secret, /^sk_/);
  assert.ok(body.secret.startsWith(body.key.text) && body.key.text.length < 12);
  const publishable = await api.post(`${at}/keys`, { kind: 'publishable' });
  assert.equal(publishable.body.secret, null);
  await api.post(`${at}/keys`, { kind: 'golden' }, { status: 422 });
  const keys = await api.all(`${at}/keys`, { limit: 1 });
  assert.deepEqual(keys.map((one) => one.kind), ['publishable', 'secret', 'publishable']);
  await api.delete(`${at}/keys/${body.key.id}`);
  await api.delete(`${at}/keys/${body.key.id}`, { status: 404 });
  assert.ok((await api.all(`${at}/keys`)).find((one) => one.id === body.key.id).revokedAt);
  assert.equal((await api.get(at)).body.publishableKey, environment.publishableKey);
  for (const key of keys.filter((one) => one.kind === 'publishable')) await api.delete(`${at}/keys/${key.id}`);
  assert.equal((await api.get(at)).body.publishableKey, null);
});

test('secrets: generated, rotated, killed; others kept under a name', async (t) => {
  const api = await administrator(await startServer(t));
  const { at } = await environmentOf(api, { config: { signIn: { issuers: [{ name: 'shop', mode: 'hmac' }] } } });
  const first = await api.post(`${at}/secrets`, { purpose: 'visitor-signing' });
  assert.match(first.body.secret, /^cs_/);
  assert.equal(first.body.record.name, 'shop');
  await api.post(`${at}/secrets`, { purpose: 'visitor-signing' }, { status: 409 });
  const second = await api.post(`${at}/secrets`, { purpose: 'visitor-signing', name: 'shop', overlapSeconds: 3600 });
  assert.deepEqual((await api.all(`${at}/secrets`, { limit: 1 })).map((one) => [one.id, one.state]),
    [[second.body.record.id, 'usable'], [first.body.record.id, 'ending']]);
  const third = await api.post(`${at}/secrets`, { purpose: 'visitor-signing', name: 'shop', replace: true, lifetimeSeconds: 7200 });
  assert.equal(third.body.record.state, 'ending');
  assert.deepEqual((await api.all(`${at}/secrets`)).map((one) => one.state), ['ending', 'killed', 'killed']);
  await api.delete(`${at}/secrets/${third.body.record.id}`);
  await api.delete(`${at}/secrets/${third.body.record.id}`, { status: 404 });
  const tools = await api.post(`${at}/secrets`, { purpose: 'tool-signing' });
  assert.match(tools.body.secret, /^whsec_/);
  const named = await api.put(`${at}/secrets/model-key`, { value: 'sk-of-a-model-0123456789' });
  assert.equal(named.body.purpose, 'named');
  await api.put(`${at}/secrets/model-key`, { value: '' }, { status: 422 });
  const pointer = async (body) => (await api.post(`${at}/secrets`, body, { status: 422 })).body.errors[0].pointer;
  assert.equal(await pointer({ purpose: 'named' }), '/purpose');
  assert.equal(await pointer({ purpose: 'visitor-signing', name: 'nobody' }), '/name');
  assert.equal(await pointer({ purpose: 'tool-signing', overlapSeconds: 0 }), '/overlapSeconds');
  assert.equal(await pointer({ purpose: 'tool-signing', overlapSeconds: 9e15 }), '/overlapSeconds');
  assert.equal(await pointer({ purpose: 'tool-signing', overlapSeconds: 60, replace: true }), '/replace');
});

test('a document: exported, tried, applied whole or not at all, by id and by names', async (t) => {
  const api = await administrator(await startServer(t));
  const { at, product } = await environmentOf(api);
  const empty = await api.get(`${at}/document`);
  assert.deepEqual(empty.body, { config: {}, tools: [], knowledge: [] });
  const document = {
    config: { origins: ['https://acme.example'], signIn: { enforcement: 'optional', issuers: [{ name: 'shop', mode: 'hmac' }] } },
    tools: [tool('a'), tool('b')], knowledge: [snippet('hours')],
  };
  const tried = await api.put(`${at}/document`, document, { ifMatch: empty.etag, query: { dryRun: 'true' } });
  assert.equal(tried.body.dryRun, true);
  assert.deepEqual(tried.body.changes.map(({ op, what, pointer }) => [op, what, pointer]), [
    ['add', 'config', '/config/origins'], ['add', 'config', '/config/signIn'], ['add', 'tool/a', '/tools/0'], ['add', 'tool/b', '/tools/1'],
    ['add', 'knowledge/hours', '/knowledge/0']]);
  assert.deepEqual(tried.body.missingSecrets, [{ purpose: 'visitor-signing', name: 'shop' }, { purpose: 'tool-signing', name: '' }]);
  assert.equal((await api.get(`${at}/document`)).etag, empty.etag, 'trying has changed nothing');
  const applied = await api.put(`${at}/document`, document, { ifMatch: empty.etag });
  assert.deepEqual(applied.body.changes, tried.body.changes);
  const there = await api.get(`${at}/document`);
  assert.deepEqual(there.body, document);
  assert.equal(there.etag, applied.etag);
  assert.deepEqual((await api.put(`${at}/document`, document, { ifMatch: there.etag })).body.changes, [], 'the same again');
  await api.put(`${at}/document`, document, { ifMatch: empty.etag, status: 412 });

  // A change of one thing each, told where it is.
  const other = structuredClone(document);
  other.config.signIn.issuers[0].audiences = ['chat'];
  other.tools = [tool('b', { url: 'https://tools.example/other' }), tool('c')];
  const { body } = await api.put(`${at}/document`, other, { ifMatch: there.etag });
  assert.deepEqual(body.changes, [
    { op: 'add', what: 'config', pointer: '/config/signIn/issuers/0/audiences', before: null, after: ['chat'] },
    { op: 'remove', what: 'tool/a', pointer: '/tools/0', before: tool('a'), after: null },
    { op: 'change', what: 'tool/b', pointer: '/tools/0/url', before: 'https://tools.example/do', after: 'https://tools.example/other' },
    { op: 'add', what: 'tool/c', pointer: '/tools/1', before: null, after: tool('c') },
  ]);

  // One fault anywhere, and nothing happens.
  const before = await api.get(`${at}/document`);
  const bad = { config: {}, tools: [tool('d')], knowledge: [snippet('x'), { id: 'y' }] };
  const refused = await api.put(`${at}/document`, bad, { ifMatch: '*', status: 422 });
  assert.equal(refused.body.errors[0].pointer, '/knowledge/1/title');
  assert.equal((await api.get(`${at}/document`)).etag, before.etag);
  assert.equal((await api.put(`${at}/document`, { tool: [] }, { ifMatch: '*', status: 422 })).body.errors[0].pointer, '/tool');

  // By names: what is missing is made.
  const dry = await api.put('/products/beta/environments/live/document', document, { query: { dryRun: 'true' } });
  assert.deepEqual([dry.body.product, dry.body.environment, dry.body.publishableKey, dry.body.version], [null, null, null, null]);
  const made = await api.put('/products/beta/environments/live/document', document);
  assert.deepEqual(made.body.changes.map(({ op, what }) => `${op} ${what}`).slice(0, 2), ['add product', 'add environment']);
  assert.match(made.body.publishableKey, /^pk_/);
  assert.deepEqual((await api.get(`/environments/${made.body.environment}/document`)).body, document);
  const again = await api.put('/products/beta/environments/live/document', document);
  assert.deepEqual([again.body.changes, again.body.environment], [[], made.body.environment]);
  await api.put('/products/BETA/environments/live/document', document, { status: 422 });
  await api.put(`/products/${product.id}/environments/Live/document`, document, { status: 422 });

  // What is exported makes an identical environment.
  const exported = (await api.get(`${at}/document`)).body;
  const twin = await api.put('/products/twin/environments/live/document', exported);
  assert.deepEqual((await api.get(`/environments/${twin.body.environment}/document`)).body, exported);
});

test('a document with a thousand tools is applied in one go', async (t) => {
  const api = await administrator(await startServer(t));
  const { at } = await environmentOf(api);
  const document = { tools: Array.from({ length: 1000 }, (_, i) => tool(`t${String(i).padStart(4, '0')}`)), knowledge: Array.from({ length: 1000 }, (_, i) => snippet(`k${String(i).padStart(4, '0')}`)) };
  const { body } = await api.put(`${at}/document`, document, { ifMatch: '*' });
  assert.equal(body.changes.length, 2000);
  assert.deepEqual((await api.get(`${at}/document`)).body, { config: {}, ...document });
  assert.equal((await api.put(`${at}/document`, { tools: [], knowledge: [] }, { ifMatch: '*' })).body.changes.length, 2000);
});

test('two administrators at once: one is told, nothing is lost', async (t) => {
  const server = await startServer(t);
  const ada = await setUp(server);
  const grace = await invited(ada, { email: 'grace@acme.example', roles: [{ product: null, role: 'admin' }] });
  const { at } = await environmentOf(ada);
  const seen = (await ada.get(`${at}/config`)).etag;
  assert.equal((await grace.get(`${at}/config`)).etag, seen);
  await ada.put(`${at}/origins`, { origins: ['https://ada.example'] }, { ifMatch: seen });
  const late = await grace.put(`${at}/appearance`, { title: 'Grace' }, { ifMatch: seen, status: 412 });
  assert.equal(late.body.type, 'urn:chatelaine:problem:changed-meanwhile');
  const now = await grace.get(`${at}/config`);
  assert.deepEqual(now.body.origins, ['https://ada.example']);
  await grace.put(`${at}/appearance`, { title: 'Grace' }, { ifMatch: now.etag });

  // Many at the same moment with the same version: exactly one gets through, each time.
  for (let round = 0; round < 5; round++) {
    const { etag } = await ada.get(`${at}/config`);
    const tries = await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? ada : grace).call('PUT', `${at}/limits`, { messageCharacters: 100 + round * 100 + i }, { ifMatch: etag, unchecked: true, ...{ status: undefined } })
      .then(() => 200, (error) => (/412/.test(error.message) ? 412 : error.message))));
    assert.deepEqual(tries.sort(), [200, ...Array(11).fill(412)]);
  }
  // The same of tools in a document.
  const { etag } = await ada.get(`${at}/document`);
  const tries = await Promise.all(Array.from({ length: 8 }, (_, i) => ada.put(`${at}/document`, { tools: [tool(`t${i}`)] }, { ifMatch: etag })
    .then(() => 200, (error) => (/412/.test(error.message) ? 412 : error.message))));
  assert.deepEqual(tries.sort(), [200, ...Array(7).fill(412)]);
  assert.equal((await ada.get(`${at}/document`)).body.tools.length, 1);
});

test('a repeated request with its Idempotency-Key makes nothing twice', async (t) => {
  const server = await startServer(t);
  const api = await administrator(server);
  const { at } = await environmentOf(api);
  const first = await api.post(`${at}/keys`, { kind: 'secret' }, { key: 'k-1' });
  const again = await api.post(`${at}/keys`, { kind: 'secret' }, { key: 'k-1' });
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(first.headers.get('idempotency-replayed'), null);
  assert.deepEqual(again.body, { key: first.body.key, secret: null });
  const reused = await api.post(`${at}/keys`, { kind: 'publishable' }, { key: 'k-1', status: 422 });
  assert.equal(reused.body.type, 'urn:chatelaine:problem:idempotency-key-reused');
  // Twenty at once: one product, one answer.
  const all = await Promise.all(Array.from({ length: 20 }, async () => {
    for (;;) {
      const answer = await api.call('POST', '/products', { name: 'once' }, { key: 'once', unchecked: true }).catch((error) => error);
      if (!(answer instanceof Error)) return answer.body.id;
      assert.match(answer.message, /idempotency-key-in-use/);
    }
  }));
  assert.equal(new Set(all).size, 1);
  await server.stop();
  await server.start();
  assert.deepEqual((await api.post(`${at}/keys`, { kind: 'secret' }, { key: 'k-1' })).body.secret, null, 'also after a restart');
});

test('what is secret stands in one answer, and nowhere ever again', async (t) => {
  const server = await startServer(t);
  const api = await administrator(server);
  const { at, product } = await environmentOf(api, { config: { signIn: { issuers: [{ name: 'shop', mode: 'hmac' }] } } });
  const value = 'sk-a-model-key-of-somebody-else-0123456789';
  const secrets = [
    (await api.post(`${at}/keys`, { kind: 'secret' }, { key: 'a' })).body.secret,
    (await api.post(`${at}/secrets`, { purpose: 'visitor-signing' }, { key: 'b' })).body.secret,
    (await api.post(`${at}/secrets`, { purpose: 'visitor-signing', overlapSeconds: 60 }, { key: 'c' })).body.secret,
    (await api.post(`${at}/secrets`, { purpose: 'tool-signing' }, { key: 'd' })).body.secret,
    (await api.post('/account/api-tokens', { name: 'x', scopes: ['read'] }, { key: 'e', unchecked: true }).catch(() => null))?.body.token,
    api.token, value,
  ].filter(Boolean);
  assert.ok(secrets.length >= 6);
  await api.put(`${at}/secrets/model-key`, { value });
  // Everything that the API says from now on, every row, the log, and the files.
  const answers = [
    await api.post(`${at}/keys`, { kind: 'secret' }, { key: 'a' }), await api.post(`${at}/secrets`, { purpose: 'visitor-signing' }, { key: 'b' }),
    await api.post(`${at}/secrets`, { purpose: 'tool-signing' }, { key: 'd' }), await api.get(at), await api.get(`${at}/keys`), await api.get(`${at}/secrets`),
    await api.get(`${at}/document`), await api.get('/products'), await api.get(`/products/${product.id}/environments`), await api.get(`${at}/config`),
    await api.get(`${at}/audit`), await api.get('/audit'), await api.get('/search', { query: { q: 'a' } }), await api.get('/account/api-tokens'),
  ].map((one) => one.text).join('\n');
  await server.stop();
  const files = readdirSync(server.data).filter((name) => name !== 'master.key').map((name) => readFileSync(join(server.data, name), 'latin1')).join('\n');
  for (const secret of secrets) {
    for (const [where, text] of [['an answer', answers], ['the log', server.stderr], ['the database', files]]) {
      assert.ok(!text.includes(secret), `${secret.slice(0, 6)}… stands in ${where}`);
      assert.ok(!text.includes(secret.slice(0, 24)) || secret.length <= 24, `a piece of ${secret.slice(0, 6)}… stands in ${where}`);
    }
  }
  await server.start();
});

test('every change is in the audit log with what it was and is', async (t) => {
  const api = await administrator(await startServer(t));
  const { at, environment, product } = await environmentOf(api);
  await api.put(`${at}/origins`, { origins: ['https://acme.example'] }, { ifMatch: '*' });
  await api.put(`${at}/document`, { tools: [tool('a')] }, { ifMatch: '*' });
  await api.put(`${at}/document`, { tools: [] }, { ifMatch: '*' });
  const key = await api.post(`${at}/keys`, { kind: 'secret' });
  await api.delete(`${at}/keys/${key.body.key.id}`);
  await api.patch(at, { name: 'staging' }, { ifMatch: '*' });
  const rows = (await api.all(`${at}/audit`, { order: 'oldest' })).map(({ action, before, after }) => ({ action, before, after }));
  const hint = key.body.key.text;
  assert.deepEqual(rows, [
    { action: 'key.issue', before: null, after: { kind: 'publishable', key: environment.publishableKey } },
    { action: 'environment.set-config', before: {}, after: { origins: ['https://acme.example'] } },
    { action: 'tool.put', before: null, after: tool('a') },
    { action: 'tool.remove', before: tool('a'), after: null },
    { action: 'key.issue', before: null, after: { kind: 'secret', hint } },
    { action: 'key.revoke', before: { kind: 'secret', hint }, after: null },
    { action: 'environment.rename', before: { name: 'live' }, after: { name: 'staging' } },
  ]);
  const installation = (await api.all('/audit')).filter((row) => ['product.create', 'environment.create'].includes(row.action));
  assert.deepEqual(installation.map((row) => row.after), [{ name: 'live', config: {} }, { name: 'acme' }]);
  assert.ok(installation.every((row) => /^token:tok_/.test(row.actor)), 'who did it');
  assert.ok(product.id);
});

test('search finds products, environments and tools by the beginning of their names', async (t) => {
  const api = await administrator(await startServer(t));
  const { at } = await environmentOf(api, { environment: 'acme-live' });
  await api.put(`${at}/document`, { tools: [tool('acme_balance'), tool('other')] }, { ifMatch: '*' });
  const { body } = await api.get('/search', { query: { q: 'acme' } });
  assert.deepEqual(body.items.map(({ kind, name, environmentName }) => [kind, name, environmentName]),
    [['product', 'acme', null], ['environment', 'acme-live', 'acme-live'], ['tool', 'acme_balance', 'acme-live']]);
  assert.deepEqual((await api.get('/search', { query: { q: '%_' } })).body.items, []);
  await api.get('/search', { status: 400 });
  await api.get('/search', { query: { q: 'x'.repeat(65) }, status: 400 });
});

test('without a sign-in there is nothing but the sign-in itself and the document', async (t) => {
  const server = await startServer(t);
  const owner = await setUp(server);
  await environmentOf(owner);
  const nobody = await visitorOf(server);
  const { operations } = await documentOf(server);
  for (const operation of operations) {
    const isOpen = operation.security?.some((one) => Object.keys(one).length === 0) || operation.security?.length === 0;
    if (isOpen || operation.operationId === 'signOut') continue; // who is signed out may sign out
    const path = operation.path.replace(/\{\w+\}/g, 'x');
    for (const client of [nobody, nobody.as({ token: 'ca_' + 'A'.repeat(43) }), nobody.as({ cookie: 'chatelaine=' + 'A'.repeat(43) })]) {
      const { status, body } = await client.call(operation.method.toUpperCase(), path, operation.method === 'get' ? undefined : {}, { unchecked: true, ifMatch: '*', status: 401 });
      assert.equal(status, 401);
      assert.match(body.type, /sign-in-required|token|session/, `${operation.method} ${path}: ${body.type}`);
    }
  }
});

test('the session needs its CSRF token and its own origin; tokens need neither', async (t) => {
  const server = await startServer(t);
  const owner = await setUp(server);
  await owner.post('/products', { name: 'acme' });
  await owner.as({ cookie: owner.cookie }).post('/products', { name: 'b' }, { status: 403 });
  await owner.as({ cookie: owner.cookie, csrf: 'x'.repeat(43) }).post('/products', { name: 'b' }, { status: 403 });
  await owner.post('/products', { name: 'b' }, { headers: { Origin: 'https://evil.example' }, status: 403 });
  await owner.post('/products', { name: 'b' }, { headers: { Origin: server.url } });
  assert.deepEqual((await owner.all('/products')).map((one) => one.name), ['acme', 'b']);
  const preflight = await server.fetch('/admin/v1/products', { method: 'OPTIONS', headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' } });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
});

test('the document\'s own examples are what it says, and each operation has a name of its own', async (t) => {
  const server = await startServer(t);
  const description = await documentOf(server);
  let examples = 0;
  const walk = (schema, place) => {
    if (schema === null || typeof schema !== 'object') return;
    if ('example' in schema && (schema.type || schema.$ref || schema.properties || schema.enum)) {
      assert.equal(description.complain(schema, schema.example), '', `the example at ${place}`);
      examples++;
    }
    for (const [name, member] of Object.entries(schema)) if (!['example', 'enum', 'const', 'default'].includes(name)) walk(member, `${place}/${name}`);
  };
  walk(description.document.components.schemas, '/components/schemas');
  walk(description.document.paths, '/paths');
  assert.ok(examples > 20, `${examples} examples`);
  const names = description.operations.map((one) => one.operationId);
  assert.equal(new Set(names).size, names.length);
  for (const operation of description.operations) assert.ok(operation.summary && operation.tags.length > 0, operation.operationId);
});

test('the commands of docs/admin-api.md do what the page says', async (t) => {
  const api = await administrator(await startServer(t));
  const page = readFileSync(new URL('../../docs/admin-api.md', import.meta.url), 'utf8');
  const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1].replace('export CHATELAINE_TOKEN=ca_…', '')).join('\n').replaceAll('https://chat.example', api.server.url);
  const directory = temporaryDirectory(t);
  // As much of jq as the page uses: the path to a member.
  writeFileSync(join(directory, 'jq'), `#!/usr/bin/env python3
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[-1].strip('.').split('.'):
    value = value[name]
print(value if isinstance(value, str) else json.dumps(value))
`, { mode: 0o755 });
  writeFileSync(join(directory, 'chatelaine.json'), JSON.stringify({ config: { origins: ['https://shop.example'] } }));
  const output = await new Promise((done, failed) => execFile('bash', ['-euo', 'pipefail', '-c', commands], { cwd: directory, env: { ...process.env, PATH: `${directory}:${process.env.PATH}`, CHATELAINE_TOKEN: api.token } },
    (error, stdout, stderr) => (error ? failed(new Error(`${error.message}\n${stderr}`)) : done(stdout))));
  assert.match(output, /cs_/);
  assert.match(output, /"op": "remove", "what": "config", "pointer": "\/config\/signIn"/);
  const { body } = await api.get('/products/acme/environments');
  assert.deepEqual((await api.get(`/environments/${body.items[0].id}/origins`)).body, { origins: ['https://shop.example', 'https://www.shop.example'] });
});
