// SPDX-License-Identifier: Apache-2.0
// Signing visitors out: from the next request on, in the chat and for every backend that asks, on every server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from './lib/client.mjs';
import { environmentDocument, keySetIssuer } from './lib/document.mjs';
import { administrator } from './lib/openapi.mjs';
import { Server, startServer } from './lib/server.mjs';
import { ada, bob, makeKey, now, signWithSecret } from './lib/tokens.mjs';
import { onPostgres } from './lib/postgres.mjs';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(look, fits, what) {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await look();
    if (fits(value)) return value;
    if (Date.now() > end) assert.fail(`${what}: ${JSON.stringify(value).slice(0, 500)}`);
    await pause(100);
  }
}

async function start(t, options = {}) {
  let secret;
  const server = await startServer(t, { document: environmentDocument(), prepare: async (one) => (secret = await one.newSecret('acme')), ...options });
  const api = await administrator(server);
  const { body: products } = await api.get('/products');
  const { body: environments } = await api.get(`/products/${products.items[0].id}/environments`);
  const backend = await server.newSecretKey();
  await server.settled();
  const verify = async (token, on = server) => (await (await on.fetch('/v1/verify', {
    method: 'POST', headers: { Authorization: `Bearer ${backend}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) })).json());
  const authorize = async (token, on = server) => (await on.fetch('/v1/authorize', { key: on.acme?.publishableKey ?? server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } })).status;
  return { server, api, at: `/environments/${environments.items[0].id}`, token: (claims) => signWithSecret(secret, claims), verify, authorize };
}

const find = (api, at, search) => until(async () => (await api.get(`${at}/visitors`, { query: { search } })).body.items, (items) => items.length === 1, search);

test('a visitor who is signed out is refused from the very next request on, and let in with a new token', async (t) => {
  const { server, api, at, token, verify, authorize } = await start(t, { args: ['--allow-private-egress', '--threads', '4'] });
  const old = await token(ada({ iat: now() - 60 }));
  const undated = await token(ada({ iat: undefined }));
  const his = await token(bob());
  const client = await connect(t, server);
  const waiting = await connect(t, server);
  assert.equal((await client.identify(old)).type, 'auth.upgraded');
  assert.equal((await waiting.identify(old)).type, 'auth.upgraded');
  const [visitor] = await find(api, at, 'customer-ada');
  await until(async () => (await api.get(`${at}/visitors/${visitor.id}`)).body.counts.openSessions, (count) => count === 2, 'noted');
  for (const one of [old, undated, his]) assert.equal((await verify(one)).verified, true);
  for (let i = 0; i < 20; i++) assert.equal(await authorize(old), 200); // remembered on every thread

  const { body: revoked } = await api.post(`${at}/visitors/${visitor.id}/revoke`);
  assert.equal(revoked.sessions, 2);
  const answers = await Promise.all(Array.from({ length: 40 }, () => authorize(old)));
  assert.deepEqual(new Set(answers), new Set([401]), 'every thread refuses at once');
  for (const one of [old, undated]) {
    const answer = await verify(one);
    assert.deepEqual([answer.verified, answer.reason, answer.detail], [false, 'bad-claim', 'revoked']);
  }
  assert.equal((await verify(his)).verified, true, 'nobody else is touched');
  assert.equal((await client.until('auth.expired')).frame.detail, 'revoked', 'an open chat is told without asking');
  assert.equal((await waiting.until('auth.expired')).frame.detail, 'revoked');
  const answer = await client.ask('What are your business hours?');
  assert.equal(answer.accepted.message.verified, false);
  assert.equal((await client.identify(old)).detail, 'revoked');
  assert.ok((await api.get(`${at}/visitors/${visitor.id}`)).body.revokedAt);
  const states = (await api.get(`${at}/visitors/${visitor.id}/sessions`)).body.items.map((one) => one.state);
  assert.deepEqual(states, ['revoked', 'revoked']);

  await pause(1100); // `iat` is in seconds
  const fresh = await token(ada());
  assert.equal((await verify(fresh)).verified, true);
  assert.equal((await client.identify(fresh)).type, 'auth.upgraded');
  assert.equal((await verify(old)).verified, false);
  await api.post(`${at}/visitors/${visitor.id}/restore`);
  assert.equal((await verify(old)).verified, true);
  assert.equal((await verify(undated)).verified, true);
  const actions = (await api.all(`${at}/audit`)).map((row) => row.action);
  for (const action of ['visitor.revoke', 'visitor.restore']) assert.ok(actions.includes(action), action);
});

test('one session is signed out by its token and its session at the provider; the others go on', async (t) => {
  const { server, api, at, token, verify } = await start(t);
  const laptop = await token(ada({ sid: 'laptop', jti: 'l-1' }));
  const sameLaptop = await token(ada({ sid: 'laptop', jti: 'l-2' }));
  const phone = await token(ada({ sid: 'phone', jti: 'p-1' }));
  const plain = await token(ada({ jti: 'x-1' }));
  const clients = await Promise.all([laptop, phone, plain].map(async (one) => {
    const client = await connect(t, server);
    await client.identify(one);
    return client;
  }));
  const sessions = await until(async () => (await api.get(`${at}/sessions`)).body.items, (items) => items.length === 3, 'noted');
  const idOf = (client) => client.started.session;
  assert.deepEqual(new Set(sessions.map((one) => one.id)), new Set(clients.map(idOf)));
  const { body: ended } = await api.delete(`${at}/sessions/${idOf(clients[0])}`);
  assert.equal(ended.state, 'revoked');
  assert.equal((await clients[0].until('auth.expired')).frame.detail, 'revoked');
  assert.deepEqual([(await verify(laptop)).detail, (await verify(sameLaptop)).detail], ['revoked', 'revoked']);
  assert.equal((await verify(phone)).verified, true);
  await api.delete(`${at}/sessions/${idOf(clients[2])}`);
  assert.equal((await verify(plain)).detail, 'revoked');
  assert.equal((await verify(phone)).verified, true);
  assert.equal((await clients[1].ask('What are your business hours?')).accepted.message.verified, true);
  await api.delete(`${at}/sessions/ses_${'0'.repeat(32)}`, { status: 404 });
});

test('a session whose token has no name of its own, or one that cannot be shown, is signed out by that token, too', async (t) => {
  const { server, api, at, token, verify } = await start(t);
  await Promise.all([undefined, 'j'.repeat(100), 'ein Name', 'naïve'].map(async (jti) => {
    const one = await token(ada({ jti, name: `Ada ${jti}` }));
    const client = await connect(t, server);
    await client.identify(one);
    await until(async () => (await api.get(`${at}/sessions`)).body.items, (items) => items.some((item) => item.id === client.started.session), 'noted');
    await api.delete(`${at}/sessions/${client.started.session}`);
    assert.equal((await verify(one)).detail, 'revoked', String(jti));
    assert.equal((await client.until('auth.expired')).frame.detail, 'revoked');
  }));
});

test('a token whose signature was rewritten into another good one (ECDSA: s to n - s) is no other token', async (t) => {
  const key = await makeKey('ES256');
  const { server, api, at, verify } = await start(t, { document: environmentDocument({ issuers: [keySetIssuer(undefined, { keys: { keys: [key.publicJwk] } })] }), prepare: null });
  const one = await key.sign(ada({ jti: undefined }));
  const [head, claims, signature] = one.split('.');
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const bytes = Buffer.from(signature, 'base64url');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = `${head}.${claims}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString('base64url')}`;
  assert.equal((await verify(other)).verified, true, 'or the rest would say nothing');
  const client = await connect(t, server);
  await client.identify(one);
  await until(async () => (await api.get(`${at}/sessions`)).body.items, (items) => items.length === 1, 'noted');
  await api.delete(`${at}/sessions/${client.started.session}`);
  assert.deepEqual([(await verify(one)).detail, (await verify(other)).detail], ['revoked', 'revoked']);
});

test('who signs in again where a session was signed out is seen again', async (t) => {
  const { server, api, at, token } = await start(t);
  const client = await connect(t, server);
  const session = async (state) => until(async () => (await api.get(`${at}/sessions`)).body.items.find((one) => one.id === client.started.session), (one) => one?.state === state, state);
  await client.identify(await token(ada({ jti: 'first' })));
  await session('open');
  await api.delete(`${at}/sessions/${client.started.session}`);
  await client.until('auth.expired');
  await session('revoked');
  await client.identify(await token(ada({ jti: 'second' })));
  const again = await session('open');
  assert.deepEqual([again.token, again.revokedAt], ['second', null]);
  assert.deepEqual((await api.all(`${at}/sessions`, { state: 'open' })).map((one) => one.id), [again.id]);
});

test('an anonymous visitor has no sign-in to end', async (t) => {
  const { server, api, at } = await start(t);
  const client = await connect(t, server);
  await client.ask('Hello');
  const [visitor] = await api.all(`${at}/visitors`);
  for (const what of ['revoke', 'restore']) {
    const { body } = await api.post(`${at}/visitors/${visitor.id}/${what}`, undefined, { status: 409 });
    assert.equal(body.type, 'urn:chatelaine:problem:visitor-anonymous');
  }
});

test('other servers of the installation refuse within a second', { skip: !onPostgres && 'SQLite is for one server' }, async (t) => {
  const { server, api, at, token, verify } = await start(t);
  const old = await token(ada({ iat: now() - 60 }));
  const client = await connect(t, server);
  await client.identify(old);
  const [visitor] = await find(api, at, 'customer-ada');
  const other = new Server(server.directory, server.program);
  other.data = server.data;
  other.acme = server.acme;
  t.after(() => other.stop());
  await other.start(['--allow-private-egress']);
  assert.equal((await verify(old, other)).verified, true);
  await api.post(`${at}/visitors/${visitor.id}/revoke`);
  const began = Date.now();
  await until(() => verify(old, other), (answer) => answer.verified === false, 'the other server refuses');
  t.diagnostic(`after ${Date.now() - began} ms`);
});
