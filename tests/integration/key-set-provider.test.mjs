// SPDX-License-Identifier: Apache-2.0
// Key sets that let nobody down, beside a provider that rotates, dies, stalls and lies. Tests that stand for what users of
// other gateways have asked for name where. How long things live is tested with a short clock in tests/unit/keyset.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { exportJWK, exportSPKI } from 'jose';
import { failures, startKeySetProvider } from '../peers/key-set-provider.mjs';
import { environmentDocument, keySetIssuer } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, claims, makeKey, rawToken } from './lib/tokens.mjs';
import { until } from './lib/wire.mjs';

/** A server whose environment trusts the provider; `authorize(token)` gives { status, reason, reasonDetail, ms }. */
async function start(t, issuers, more = {}) {
  const server = await startServer(t, { document: environmentDocument({ issuers }), ...more });
  const authorize = async (token, key = server.acme.publishableKey) => {
    const begun = performance.now();
    const response = await server.fetch('/v1/authorize', { key, headers: { Authorization: `Bearer ${token}` } });
    const problem = response.status === 200 ? await response.text() : await response.json();
    return { status: response.status, reason: problem.reason, detail: problem.reasonDetail, ms: performance.now() - begun };
  };
  const metrics = async () => (await server.fetch('/metrics')).text();
  const figure = async (name) => Number(new RegExp(`^chatelaine_${name}(?:\\{[^}]*\\})? (\\d+)$`, 'm').exec(await metrics())?.[1]);
  return {
    server, authorize, metrics, figure,
    place: ['--product', 'acme', '--environment', 'test'],
    /** As an administrator does it; waits until the server has fetched. */
    async refresh(provider) {
      const before = provider.requests;
      await server.chatelaine('keyset', 'refresh', '--product', 'acme', '--environment', 'test');
      await until(() => provider.requests > before, { what: 'the fetch' });
    },
  };
}

const signed = (key, more) => key.sign(ada(more));

/* ---- rotates ---- */

test('an unknown kid must fetch the keys anew, and the request that brings it passes (envoyproxy/envoy #39643, envoyproxy/gateway #4180)', async (t) => {
  const [old, fresh] = [await makeKey(), await makeKey()];
  const provider = await startKeySetProvider(t, old);
  const { authorize } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(old))).status, 200);
  provider.keys = [old, fresh];
  assert.equal((await authorize(await signed(fresh))).status, 200);
  assert.equal(provider.requests, 2);
});

test('a key that the provider has pulled stops verifying when an administrator refreshes, also for tokens seen before', async (t) => {
  const [leaked, fresh] = [await makeKey(), await makeKey()];
  const provider = await startKeySetProvider(t, leaked);
  const { authorize, refresh } = await start(t, [keySetIssuer(provider.url)]);
  const token = await signed(leaked);
  assert.equal((await authorize(token)).status, 200);
  provider.keys = [fresh];
  assert.equal((await authorize(token)).status, 200, 'not before');
  await refresh(provider);
  await until(async () => (await authorize(token)).status === 401, { what: 'the end of the pulled key' });
  assert.equal((await authorize(await signed(leaked, { jti: 'another' }))).detail, 'unknown-kid');
  assert.equal((await authorize(await signed(fresh))).status, 200);
});

test('a set that lacks a known key once (a provider’s servers that disagree) and then has it again', async (t) => {
  const [one, two] = [await makeKey(), await makeKey()];
  const provider = await startKeySetProvider(t, one, two);
  const { authorize, refresh } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(two))).status, 200);
  provider.keys = [one];
  await refresh(provider);
  provider.keys = [one, two];
  assert.equal((await authorize(await signed(two, { jti: 'later' }))).status, 200, 'the request that misses it brings it back');
  assert.equal((await authorize(await signed(one))).status, 200);
});

/* ---- dies and lies ---- */

test('a failed key fetch must not fail a request whose key is already known, nor make it wait (envoyproxy/envoy #13705)', { timeout: 120_000 }, async (t) => {
  const [key, stranger] = [await makeKey('ES256'), await makeKey('ES256')];
  const provider = await startKeySetProvider(t, key);
  const { authorize, refresh, figure } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(key))).status, 200);
  let n = 0;
  for (const mood of failures) {
    await t.test(mood, async () => {
      const failed = await figure('key_set_fetches_failed_total');
      provider.mood = mood;
      await refresh(provider);
      for (let i = 0; i < 5; i++) {
        const answer = await authorize(await signed(key, { jti: `${++n}` }));
        assert.equal(answer.status, 200);
        assert.ok(answer.ms < 3000, `it took ${answer.ms} ms: as long as a provider is waited for`);
      }
      await until(async () => (await figure('key_set_fetches_failed_total')) > failed, { within: 10_000, what: 'the failure in the figures' });
      assert.ok((await figure('key_set_failures')) >= 1);
      assert.equal(await figure('key_set_keys'), 1);
    });
  }
  const unknown = await authorize(await signed(stranger));
  assert.deepEqual([unknown.status, unknown.reason, unknown.detail], [401, 'bad-signature', 'unknown-kid']);

  provider.mood = 'well';
  await refresh(provider);
  await until(async () => (await figure('key_set_failures')) === 0, { what: 'good figures again' });
  assert.equal((await authorize(await signed(key, { jti: 'last' }))).status, 200);
});

for (const mood of ['status 500', 'connection reset', 'half an answer']) {
  test(`retry: a first fetch that meets ${mood} once lets nobody down (envoyproxy/envoy #16924)`, async (t) => {
    const key = await makeKey('ES256');
    const provider = await startKeySetProvider(t, key);
    provider.next = [mood];
    const { authorize, figure } = await start(t, [keySetIssuer(provider.url)]);
    assert.equal((await authorize(await signed(key))).status, 200);
    assert.equal(provider.requests, 2);
    assert.equal(await figure('key_set_fetches_failed_total'), 0);
  });
}

for (const mood of ['accepts and never answers', 'a byte a second']) {
  test(`a provider that ${mood}: whoever needs it is told within seconds, whoever does not waits for nothing`, async (t) => {
    const [key, other] = [await makeKey('ES256'), await makeKey('ES256')];
    const [stalling, well] = [await startKeySetProvider(t, key), await startKeySetProvider(t, other)];
    stalling.mood = mood;
    const { authorize } = await start(t, [keySetIssuer(stalling.url, { name: 'one', issuer: 'https://one.example' }), keySetIssuer(well.url, { name: 'two', issuer: 'https://two.example' })]);
    const waiting = Promise.all(Array.from({ length: 20 }, async (_, i) => authorize(await key.sign(claims({ iss: 'https://one.example', jti: `${i}` })))));
    for (let i = 0; i < 20; i++) {
      const answer = await authorize(await other.sign(claims({ iss: 'https://two.example', jti: `${i}` })));
      assert.equal(answer.status, 200);
      assert.ok(answer.ms < 3000);
    }
    for (const answer of await waiting) {
      assert.deepEqual([answer.status, answer.reason, answer.detail], [401, 'jwks-fetch-failed', 'fetch-unreachable']);
      assert.ok(answer.ms < 15_000, `${answer.ms} ms`);
    }
    assert.equal(stalling.requests, 1);
    stalling.mood = 'well';
  });
}

test('an empty key set is believed, and looked at again soon: a slip of the provider’s heals by itself', { timeout: 60_000 }, async (t) => {
  const key = await makeKey('ES256');
  const provider = await startKeySetProvider(t, key);
  const { authorize, refresh, figure } = await start(t, [keySetIssuer(provider.url)]);
  const token = await signed(key);
  assert.equal((await authorize(token)).status, 200);
  provider.mood = 'no keys';
  await refresh(provider);
  await until(async () => (await authorize(token)).status === 401, { what: 'the end of all keys' });
  provider.mood = 'well';
  assert.ok((await figure('key_set_next_fetch_seconds')) <= 25);
  await until(async () => (await authorize(token)).status === 200, { within: 15_000, what: 'the keys to be back' });
});

test('a redirect to the keys is followed', async (t) => {
  const key = await makeKey('ES256');
  const provider = await startKeySetProvider(t, key);
  provider.mood = 'a redirect to the keys';
  const { authorize } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(key))).status, 200);
});

/* ---- what stands in a set ---- */

test('private keys in the set: used as public ones, and its owner is to be warned', async (t) => {
  const key = await makeKey('ES256', { extractable: true });
  const provider = await startKeySetProvider(t, { ...(await exportJWK(key.privateKey)), kid: key.kid, alg: 'ES256' });
  const { authorize, server, place } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(key))).status, 200);
  assert.ok(server.log().some((line) => line.event === 'key-set-shows-private-keys'));
  assert.ok(!server.stderr.includes((await exportJWK(key.privateKey)).d));
  const [status] = await server.chatelaine('keyset', 'status', ...place, '--allow-private-egress');
  assert.equal(status.showsPrivateKeys, true);
});

test('symmetric keys in the set sign nobody in', async (t) => {
  const key = await makeKey('ES256');
  const secret = Buffer.alloc(64, 7);
  const provider = await startKeySetProvider(t, key, { kty: 'oct', kid: 'shared', alg: 'HS256', k: secret.toString('base64url') });
  const { authorize } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(key))).status, 200);
  const input = rawToken({ alg: 'HS256', kid: 'shared' }, claims()).slice(0, -1);
  const forged = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  const answer = await authorize(forged);
  assert.deepEqual([answer.status, answer.reason], [401, 'bad-signature']);
});

test('confused algorithms: a public RSA key is no secret, and is good for no algorithm but its own', async (t) => {
  const [key, confused, plain] = [await makeKey('RS256'), await makeKey('RS256'), await makeKey('RS256')];
  const { alg: _, ...withoutAlgorithm } = plain.publicJwk;
  const provider = await startKeySetProvider(t, key, { ...confused.publicJwk, alg: 'HS256' }, withoutAlgorithm);
  const { authorize } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(key))).status, 200);
  assert.equal((await authorize(await signed(plain))).status, 200);
  for (const [kid, pem] of [[confused.kid, await exportSPKI(confused.publicKey)], [plain.kid, await exportSPKI(plain.publicKey)]]) {
    const input = rawToken({ alg: 'HS256', kid }, claims()).slice(0, -1);
    assert.equal((await authorize(`${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`)).status, 401);
  }
  assert.equal((await authorize(await signed(confused))).status, 401, 'a key says what it is for');
  const encrypting = await makeKey('RS256');
  provider.keys = [key, { ...encrypting.publicJwk, use: 'enc' }];
  assert.equal((await authorize(await signed(encrypting))).status, 401, 'also that it is not for signatures');
});

test('two keys of one kid: neither is guessed at, others go on', async (t) => {
  const [one, two, other] = [await makeKey('ES256', { kid: 'same' }), await makeKey('ES256', { kid: 'same' }), await makeKey('ES256')];
  const provider = await startKeySetProvider(t, one, two, other);
  const { authorize } = await start(t, [keySetIssuer(provider.url)]);
  assert.equal((await authorize(await signed(other))).status, 200);
  for (const key of [one, two]) assert.equal((await authorize(await signed(key))).detail, 'key-ambiguous');
});

test('thousands of keys: bounded to the first 128, and nobody waits long', async (t) => {
  const key = await makeKey('ES256');
  const crowd = Array.from({ length: 4000 }, (_, i) => ({ ...key.publicJwk, kid: `crowd-${i}` }));
  const provider = await startKeySetProvider(t, ...crowd.slice(0, 100), key, ...crowd.slice(100));
  const { authorize, figure } = await start(t, [keySetIssuer(provider.url)]);
  const first = await authorize(await signed(key));
  assert.equal(first.status, 200);
  assert.ok(first.ms < 10_000, `${first.ms} ms`);
  assert.ok((await authorize(await signed(key, { jti: 'later' }))).ms < 3000);
  assert.equal(await figure('key_set_keys'), 128);
});

/* ---- several issuers ---- */

test('an explicit key-set URL or pasted keys per extra issuer, several audiences, access tokens too (oauth2-proxy #3454, #1016, #2106, #1350)', async (t) => {
  const [own, partner, pasted] = [await makeKey('RS256'), await makeKey('ES256'), await makeKey('EdDSA')];
  const [ownKeys, partnerKeys] = [await startKeySetProvider(t, own), await startKeySetProvider(t, partner)];
  const { authorize } = await start(t, [
    keySetIssuer(ownKeys.url, { name: 'own', issuer: 'https://own.example', audiences: ['chat', 'mobile'] }),
    keySetIssuer(partnerKeys.url, { name: 'partner', issuer: 'https://partner.example' }),
    { name: 'pasted', mode: 'key-set', keys: { keys: [pasted.publicJwk] }, issuer: 'https://pasted.example', audiences: ['chat'] },
  ]);
  const passes = async (token) => (await authorize(token)).status === 200;
  assert.ok(await passes(await own.sign(claims({ iss: 'https://own.example' }))));
  assert.ok(await passes(await own.sign(claims({ iss: 'https://own.example', aud: ['else', 'mobile'] }))));
  assert.ok(await passes(await own.sign(claims({ iss: 'https://own.example' }), { typ: 'at+jwt' })), 'an access token (RFC 9068)');
  assert.ok(await passes(await partner.sign(claims({ iss: 'https://partner.example' }))));
  assert.ok(await passes(await pasted.sign(claims({ iss: 'https://pasted.example' }))));
  assert.ok(!(await passes(await own.sign(claims({ iss: 'https://own.example', aud: 'else' })))));
  assert.ok(!(await passes(await own.sign(claims({ iss: 'https://partner.example' })))), 'the keys are not guessed from `iss`');
  assert.ok(!(await passes(await pasted.sign(claims({ iss: 'https://own.example' })))));
});

test('two issuers at one URL, in two environments, share one fetch', async (t) => {
  const key = await makeKey('ES256');
  const provider = await startKeySetProvider(t, key);
  const issuers = [keySetIssuer(provider.url, { name: 'one', issuer: 'https://one.example' }), keySetIssuer(provider.url, { name: 'two', issuer: 'https://two.example' })];
  let other;
  const { authorize } = await start(t, issuers, {
    prepare: async (server) => (other = await server.apply(environmentDocument({ issuers: [keySetIssuer(provider.url)] }), { environment: 'other' })),
  });
  const answers = await Promise.all([
    authorize(await key.sign(claims({ iss: 'https://one.example' }))), authorize(await key.sign(claims({ iss: 'https://two.example' }))),
    authorize(await signed(key), other.publishableKey)]);
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200]);
  assert.equal(provider.requests, 1);
});

/* ---- what is told of them ---- */

test('keys are refreshed before they expire: at 75 to 85 % of their life, which Cache-Control may shorten (envoyproxy/envoy #14557)', async (t) => {
  const key = await makeKey('ES256');
  for (const [cacheControl, from, to] of [[undefined, 670, 766], ['max-age=120', 88, 103], ['max-age=86400', 670, 766], ['max-age=1', 43, 52], ['no-store', 670, 766]]) {
    const provider = await startKeySetProvider(t, key);
    if (cacheControl) provider.headers = { 'Cache-Control': cacheControl };
    const { authorize, figure } = await start(t, [keySetIssuer(provider.url)]);
    assert.equal((await authorize(await signed(key))).status, 200);
    const seconds = await figure('key_set_next_fetch_seconds');
    assert.ok(seconds >= from && seconds <= to, `${cacheControl}: ${seconds} s`);
  }
});

test('the health of each set stands in /metrics, its URL does not', async (t) => {
  const key = await makeKey('ES256');
  const provider = await startKeySetProvider(t, key, { kty: 'unheard-of' });
  const { authorize, metrics, figure } = await start(t, [keySetIssuer(`${provider.url}?code=hush`)]);
  assert.equal((await authorize(await signed(key))).status, 200);
  assert.ok((await figure('key_set_age_seconds')) <= 5);
  assert.equal(await figure('key_set_failures'), 0);
  assert.equal(await figure('key_set_keys'), 1);
  assert.equal(await figure('key_set_stale'), 0);
  const text = await metrics();
  assert.match(text, /chatelaine_key_set_keys\{set="127\.0\.0\.1:\d+-[0-9a-f]{8}"\} 1/);
  assert.doesNotMatch(text, /tenant-7|hush/);
});

test('chatelaine keyset status says what is in a set, and why it is not to be had', async (t) => {
  const key = await makeKey('ES256');
  const provider = await startKeySetProvider(t, key, { kty: 'unheard-of', kid: 'odd' });
  const { server, place } = await start(t, [keySetIssuer(provider.url)]);
  const look = () => server.chatelaine('keyset', 'status', ...place, '--allow-private-egress');
  const [good] = await look();
  assert.equal(good.usable, true);
  assert.deepEqual(good.keys, [{ kid: key.kid, type: 'EC', algorithm: 'ES256' }]);
  assert.equal(good.skipped.length, 1);
  assert.ok(good.refreshAfterSeconds > 600 && good.refreshAfterSeconds < 800);
  provider.mood = 'HTML with 200';
  await assert.rejects(look(), /wrong-content-type/);
  await assert.rejects(server.chatelaine('keyset', 'refresh', 'nobody', ...place), /no issuer 'nobody'/);
});

test('/metrics is for this machine alone, or where --metrics-listen says', async (t) => {
  const { server } = await start(t, [keySetIssuer('https://keys.example/')], { args: ['--trusted-proxies', '127.0.0.1'] });
  assert.equal((await server.fetch('/metrics')).status, 200);
  assert.equal((await server.fetch('/metrics', { headers: { 'X-Forwarded-For': '203.0.113.7' } })).status, 404);
  assert.equal((await server.fetch('/metrics', { headers: { 'X-Forwarded-For': '127.0.0.1' } })).status, 404);
  assert.equal((await server.fetch('/metrics', { headers: { Forwarded: 'for=127.0.0.1' } })).status, 404);
  await server.stop();
  const { freePort } = await import('./lib/server.mjs');
  const port = await freePort();
  await server.start(['--metrics-listen', `127.0.0.1:${port}`]);
  const beside = (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options);
  assert.equal((await server.fetch('/metrics')).status, 404);
  assert.match(await (await beside('/metrics')).text(), /chatelaine_uptime_seconds/);
  assert.equal((await beside('/readyz')).status, 200);
  assert.equal((await beside('/healthz')).status, 200);
  assert.equal((await beside('/sdk/config')).status, 404);
  assert.equal((await beside('/metrics', { method: 'POST' })).status, 405);
});
