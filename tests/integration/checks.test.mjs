// SPDX-License-Identifier: Apache-2.0
// What an operator gets wrong at first is said: in the log, and by GET /checks with cause and fix.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { administrator, invited, setUp } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';

const bare = { config: { origins: ['https://shop.example'] } };

/** The state of each check: { proxy: 'ok', … }. */
const states = (body) => Object.fromEntries(body.items.map((one) => [one.id, one.state]));

/** A request as a proxy sends it on, with a Host of our choosing, which fetch does not allow. */
const get = (server, path, headers) => new Promise((done, failed) => {
  request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => done({ status: response.statusCode, body }));
  }).on('error', failed).end();
});
async function checksBy(server, api, headers) {
  const { status, body } = await get(server, '/admin/v1/checks', { authorization: `Bearer ${api.token}`, ...headers });
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

test('on one’s own machine nothing needs attention; each state has its words', async (t) => {
  const server = await startServer(t, { document: bare });
  const api = await administrator(server);
  const { body } = await api.get('/checks', { query: { now: new Date().toISOString() } });
  assert.deepEqual(Object.keys(states(body)), ['proxy', 'public-url', 'encryption', 'clock', 'master-key', 'sandbox']);
  for (const one of body.items) {
    assert.notEqual(one.state, 'attention', one.cause);
    assert.equal(one.state === 'ok', one.cause === null && one.fix === null);
  }
});

test('a proxy that is not listed is found, and told of once', async (t) => {
  const server = await startServer(t, { document: bare });
  const api = await administrator(server);
  const { publishableKey: key } = server.acme;
  for (let i = 0; i < 3; i++) await get(server, '/v1/config', { 'chatelaine-key': key, 'x-forwarded-for': `203.0.113.${i}` });
  const body = await checksBy(server, api, {});
  const proxy = body.items.find((one) => one.id === 'proxy');
  assert.deepEqual([proxy.state, proxy.title], ['attention', 'A proxy speaks for visitors and is not trusted']);
  assert.match(proxy.cause, /127\.0\.0\.1/);
  assert.match(proxy.fix, /--trusted-proxies 127\.0\.0\.1/);
  assert.equal(server.log().filter((line) => line.event === 'proxy-not-trusted').length, 1);

  // What the fix says is all that it takes.
  await server.stop();
  await server.start(['--allow-private-egress', '--trusted-proxies', '127.0.0.1']);
  await get(server, '/v1/config', { 'chatelaine-key': key, 'x-forwarded-for': '203.0.113.9' });
  assert.equal(states(await checksBy(server, api, { 'x-forwarded-for': '10.0.0.9' })).proxy, 'ok', 'a visitor in the company’s own network is no proxy');
  const { title } = (await checksBy(server, api, {})).items.find((one) => one.id === 'proxy');
  assert.equal(title, 'Visitors are told apart by their addresses');
});

test('a name that the server does not know, and a way that is not encrypted', async (t) => {
  const server = await startServer(t, { document: bare, args: ['--trusted-proxies', '127.0.0.1'] });
  const api = await administrator(server);
  const unknown = await checksBy(server, api, { host: 'chat.acme.example' });
  assert.deepEqual([states(unknown)['public-url'], states(unknown).encryption], ['attention', 'attention']);
  assert.match(unknown.items.find((one) => one.id === 'public-url').cause, /chat\.acme\.example/);
  const told = await checksBy(server, api, { host: 'chat.acme.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' });
  assert.equal(states(told).encryption, 'ok');

  await server.stop();
  await server.start(['--trusted-proxies', '127.0.0.1', '--public-url', 'https://chat.acme.example']);
  const right = await checksBy(server, api, { host: 'chat.acme.example', 'x-forwarded-proto': 'https' });
  assert.deepEqual([states(right)['public-url'], states(right).encryption], ['ok', 'ok']);
  const other = await checksBy(server, api, { host: 'chat2.acme.example' });
  assert.match(other.items.find((one) => one.id === 'public-url').cause, /chat2\.acme\.example.*https:\/\/chat\.acme\.example/s);
  assert.match(other.items.find((one) => one.id === 'encryption').cause, /cookies/);
});

test('a clock that is off', async (t) => {
  const server = await startServer(t);
  const api = await administrator(server);
  for (const [seconds, words] of [[-3600, /ahead of/], [3600, /behind/]]) {
    const { body } = await api.get('/checks', { query: { now: new Date(Date.now() + seconds * 1000).toISOString() } });
    const clock = body.items.find((one) => one.id === 'clock');
    assert.equal(clock.state, 'attention');
    assert.match(clock.cause, words);
    assert.match(clock.cause, /36\d\d|359\d/);
  }
  await api.get('/checks', { query: { now: 'yesterday' }, status: 400 });
});

test('they are for owners', async (t) => {
  const server = await startServer(t, { document: bare });
  const owner = await setUp(server);
  const { body: products } = await owner.get('/products');
  const grace = await invited(owner, { email: 'grace@acme.example', roles: [{ product: products.items[0].id, role: 'admin' }] });
  await grace.get('/checks', { status: 403 });
});
