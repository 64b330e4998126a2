// SPDX-License-Identifier: Apache-2.0
// "Test a token": every failure reason seen with its meaning and its fix, and nothing of a token left behind.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from './lib/client.mjs';
import { environmentDocument, hmacIssuer, keySetIssuer } from './lib/document.mjs';
import { administrator } from './lib/openapi.mjs';
import { everythingStored } from './lib/postgres.mjs';
import { startServer } from './lib/server.mjs';
import { ada, makeKey, now, rawToken, serveKeys, signWithSecret } from './lib/tokens.mjs';

describe('tokens under test', () => {
  let server, api, environment, key, keySet, secret;
  const ends = [];
  const t = { after: (end) => ends.push(end) };
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  before(async () => {
    key = await makeKey('RS256');
    keySet = await serveKeys(t, key);
    server = await startServer(t, {
      document: environmentDocument({
        issuers: [hmacIssuer({ name: 'shop', issuer: 'https://shop.example', mapping: { tier: 'https://acme.example/tier', plan: 'account.plan', sub: 'sub' } }), keySetIssuer(keySet.url, { name: 'login', types: ['JWT'] })],
        tools: [],
      }),
      prepare: async (one) => (secret = await one.newSecret('shop')),
    });
    api = await administrator(server);
    environment = `/environments/${server.acme.environment}`;
  });

  const verdict = async (token, more = {}) => (await api.post(`${environment}/tokens/test`, { token, ...more })).body;
  const shop = (more) => ada({ iss: 'https://shop.example', ...more });

  test('a good token: the identity exactly as the tools see it, and what becomes of each claim', async () => {
    const token = await signWithSecret(secret, shop({ 'https://acme.example/tier': 'gold', account: { plan: 'pro' }, nonce: 'n', jti: 't-1' }));
    const said = await verdict(`  ${token}\n`);
    assert.equal(said.verified, true);
    assert.deepEqual(said.identity, { sub: 'customer-ada', tier: 'gold', plan: 'pro' });
    assert.deepEqual([said.issuer, said.reason, said.fix, said.fixAction, said.key.source], ['shop', null, null, null, 'secret']);
    const fate = Object.fromEntries(said.claims.map((one) => [one.name, [one.fate, ...one.as].join(' ')]));
    assert.deepEqual(fate, {
      sub: 'passed-on sub', iss: 'checked', aud: 'checked', iat: 'checked', exp: 'checked', name: 'dropped', email: 'dropped', accountId: 'dropped',
      permissions: 'checked', 'https://acme.example/tier': 'renamed tier', account: 'renamed plan', nonce: 'dropped', jti: 'checked',
    });
    assert.deepEqual(said.permissions, ['balance:read', 'card:freeze']);
    assert.equal(said.lifetimeSeconds, 300);
    assert.match(said.times.find((one) => one.name === 'exp').words, /^expires in (4|5) minutes$/);
    assert.deepEqual(said.warnings, []);
  });

  test('times in words, and a lifetime over an hour warned about', async () => {
    const words = async (claims) => Object.fromEntries((await verdict(await signWithSecret(secret, shop(claims)))).times.map((one) => [one.name, one.words]));
    assert.deepEqual(await words({ iat: now() - 7300, exp: now() - 185, nbf: now() - 3 * 86400, auth_time: now() - 3605 }), {
      exp: 'expired 3 minutes ago', iat: 'issued 2 hours ago', nbf: 'valid since 3 days ago', auth_time: 'signed in 1 hour ago',
    });
    const long = await verdict(await signWithSecret(secret, shop({ exp: now() + 90000 })));
    assert.equal(long.verified, true);
    assert.ok(long.warnings.some((one) => one.code === 'lifetime-over-an-hour'));
    assert.equal(long.lifetimeWords, '25 hours');
  });

  const hs = (claims) => signWithSecret(secret, shop(claims));
  const login = (claims, header) => key.sign(ada(claims), header);
  const stranger = makeKey('RS256', { kid: 'stranger' });
  /** [what, token, reason, detail, kind of the fix, its value] */
  const failures = [
    ['nothing', async () => '', 'missing-token', 'token-absent', null],
    ['not a token', async () => 'hello', 'bad-signature', 'malformed', 'mint-token'],
    ['too large', async () => 'a'.repeat(20000), 'bad-signature', 'token-too-large', 'mint-token'],
    ['expired', () => hs({ exp: now() - 300 }), 'expired', 'exp-passed', 'mint-token'],
    ['without an end', () => hs({ exp: undefined }), 'bad-claim', 'exp-missing', 'mint-token'],
    ['another secret', () => signWithSecret('x'.repeat(64), shop()), 'bad-signature', 'signature-mismatch', 'rotate-secret'],
    ['alg none', async () => rawToken({ alg: 'none' }, shop(), 'eHg'), 'bad-signature', 'alg-not-allowed', 'open-sign-in'],
    ['unknown key', async () => (await stranger).sign(ada()), 'bad-signature', 'unknown-kid', 'refresh-keys'],
    ['another issuer', () => login({ iss: 'https://other.example' }), 'bad-claim', 'iss-mismatch', 'set-issuer', 'https://other.example', '/issuers/1/issuer'],
    ['no issuer', () => login({ iss: undefined }), 'bad-claim', 'iss-missing', 'set-issuer', null, '/issuers/1/issuer'],
    ['another audience', () => login({ aud: 'shop' }), 'bad-claim', 'aud-mismatch', 'set-audience', 'shop', '/issuers/1/audiences'],
    ['no audience', () => login({ aud: undefined }), 'bad-claim', 'aud-missing', 'set-audience', null, '/issuers/1/audiences'],
    ['another type', () => login({}, { typ: 'at+jwt' }), 'bad-claim', 'typ-not-allowed', 'set-types', 'at+jwt', '/issuers/1/types'],
    ['no user', () => login({ sub: undefined }), 'bad-claim', 'sub-missing', 'mint-token'],
    ['a program', () => login({ gty: 'client-credentials' }), 'bad-claim', 'machine-token', 'mint-token'],
    ['not yet', () => login({ nbf: now() + 600 }), 'bad-claim', 'not-yet-valid', 'mint-token'],
    ['too much', () => login({ blob: Array.from({ length: 200 }, (_, i) => i), ...Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`c${i}`, i])) }), 'bad-claim', 'identity-too-large', 'set-mapping', null, '/issuers/1/mapping'],
  ];
  for (const [what, make, reason, detail, kind, value, pointer] of failures) {
    test(`${what}: ${reason}, ${detail}`, async () => {
      const said = await verdict(await make());
      assert.deepEqual([said.verified, said.reason, said.detail], [false, reason, detail], JSON.stringify(said));
      for (const sentence of [said.message, said.meaning, said.fix, said.visitorMessage]) assert.ok(sentence.length > 5);
      assert.doesNotMatch(said.visitorMessage, /token|claim|JWT/, 'the person in the chat reads no code');
      assert.equal(said.fixAction?.kind ?? null, kind);
      if (value !== undefined) assert.deepEqual([said.fixAction.value, said.fixAction.pointer], [value, pointer]);
      assert.equal(said.identity, null);
    });
  }

  test('drafts: sign-in that is off, a missing secret, missing keys, a key set that is not there', async (t) => {
    const token = await login({});
    const draft = (...issuers) => ({ draft: { issuers } });
    const off = await verdict(token, draft());
    assert.deepEqual([off.reason, off.detail, off.fixAction.kind], ['config-incomplete', 'sign-in-off', 'open-sign-in']);
    const noSecret = await verdict(await hs({}), draft({ name: 'new', mode: 'hmac' }));
    assert.deepEqual([noSecret.detail, noSecret.fixAction.kind], ['secret-missing', 'generate-secret']);
    const noKeys = await verdict(token, draft({ name: 'x', mode: 'key-set' }));
    assert.deepEqual([noKeys.detail, noKeys.fixAction.kind, noKeys.fixAction.pointer], ['key-set-missing', 'set-key-set-url', '/issuers/0/keySetUrl']);
    const unreachable = await verdict(token, draft(keySetIssuer('http://127.0.0.1:1/keys')));
    assert.deepEqual([unreachable.reason, unreachable.detail, unreachable.fixAction.kind], ['jwks-fetch-failed', 'fetch-unreachable', 'refresh-keys']);
    const status = await serveKeys(t, key);
    status.answer = (request, response) => response.writeHead(404).end();
    assert.equal((await verdict(token, draft(keySetIssuer(status.url)))).detail, 'fetch-status');
    const invalid = await serveKeys(t, key);
    invalid.answer = (request, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('[]');
    assert.equal((await verdict(token, draft(keySetIssuer(invalid.url)))).detail, 'fetch-invalid');
    const metadata = await verdict(token, draft(keySetIssuer('http://169.254.169.254/keys')));
    assert.deepEqual([metadata.detail, metadata.fixAction.kind], ['fetch-refused', 'set-key-set-url']);
    const saved = await verdict(await hs({}), draft(hmacIssuer({ name: 'shop', issuer: 'https://shop.example' })));
    assert.equal(saved.verified, true, 'a draft of a saved issuer has its secret');
    const { body } = await api.post(`${environment}/tokens/test`, { token, draft: { issuers: [{ name: 'x', mode: 'hmac', audience: 'y' }] } }, { status: 422 });
    assert.equal(body.errors[0].pointer, '/draft/issuers/0/audience');
  });

  test('one issuer\'s rules, whatever the token says', async () => {
    const said = await verdict(await login({}), { issuer: 'shop' });
    assert.deepEqual([said.issuer, said.detail], ['shop', 'alg-not-allowed']);
    await api.post(`${environment}/tokens/test`, { token: 'x.y.z', issuer: 'nobody' }, { status: 200 }); // it is no token: that is said first
    const { body } = await api.post(`${environment}/tokens/test`, { token: await login({}), issuer: 'nobody' }, { status: 422 });
    assert.equal(body.errors[0].pointer, '/issuer');
  });

  test('Refresh JWKS + verify: a new key is known at once', async () => {
    const next = await makeKey('RS256');
    assert.equal((await verdict(await login({}))).verified, true);
    keySet.answer = { keys: [key.publicJwk, next.publicJwk] };
    const before = keySet.requests;
    const said = await verdict(await next.sign(ada()), { refreshKeys: true });
    assert.deepEqual([said.verified, said.key.kid, said.key.wasRefreshed], [true, next.kid, true]);
    assert.equal(keySet.requests, before + 1);
  });

  test('key sets: health, keys and what was left out', async () => {
    const odd = await makeKey('RS256');
    keySet.answer = { keys: [key.publicJwk, { ...odd.publicJwk, kid: 'enc-1', use: 'enc' }] };
    const { body } = await api.post(`${environment}/key-sets/refresh`, { issuer: 'login', token: await login({}) });
    assert.equal(body.test.verified, true);
    const [set] = body.items;
    assert.deepEqual([set.issuer, set.source, set.state, set.failures, set.problem], ['login', 'fetched', 'fresh', 0, null]);
    assert.deepEqual(set.keys, [{ kid: key.kid, type: 'RSA', curve: null, bits: 2048, alg: 'RS256', use: 'sig', notAfter: null }]);
    assert.equal(set.skipped[0].kid, 'enc-1');
    assert.ok(Date.parse(set.nextFetchAt) > Date.now());
    const { body: list } = await api.get(`${environment}/key-sets`);
    assert.deepEqual(list.items.map((one) => one.issuer), ['login'], 'those with secrets have none');
    // Every thread says the same, also one to which no token has come.
    const all = await Promise.all(Array.from({ length: 12 }, () => api.get(`${environment}/key-sets`)));
    assert.deepEqual(all.map((one) => [one.body.items[0].state, one.body.items[0].keys.length]), all.map(() => ['fresh', 1]));
    keySet.answer = (request, response) => response.writeHead(503).end();
    const { body: failed } = await api.post(`${environment}/key-sets/refresh`, {});
    assert.deepEqual([failed.items[0].state, failed.items[0].problem], ['stale', 'bad-status']);
    assert.equal(failed.items[0].keys.length, 1, 'older keys go on being used');
    assert.ok(failed.items[0].fix.length > 5);
    keySet.answer = { keys: [key.publicJwk] };
    await api.post(`${environment}/key-sets/refresh`);
  });

  test('mapping preview: from claims or from a token, without any key', async () => {
    const preview = async (body, options) => (await api.post(`${environment}/mapping/preview`, body, options)).body;
    const claims = { sub: 'u-42', 'https://acme.example/tier': 'gold', groups: ['a', 'b'], account: { plan: 'pro' }, scope: 'read write' };
    const mapped = await preview({ claims, mapping: { tier: 'https://acme.example/tier', first: '/groups/0', plan: 'account.plan', gone: 'nowhere' } });
    assert.deepEqual(mapped.identity, { sub: 'u-42', tier: 'gold', first: 'a', plan: 'pro' });
    assert.deepEqual(mapped.permissions, ['read', 'write']);
    assert.deepEqual(mapped.missing, [{ name: 'gone', from: 'nowhere' }]);
    assert.deepEqual(mapped.claims.find((one) => one.name === 'groups').as, ['first']);
    assert.deepEqual((await preview({ claims, mapping: null })).identity, claims);
    const byToken = await preview({ token: rawToken({ alg: 'RS256' }, claims, 'eHg'), mapping: {} });
    assert.deepEqual(byToken.identity, { sub: 'u-42' });
    const clerk = await preview({ claims: { sub: 'u', o: { rol: 'admin' } }, provider: 'clerk' });
    assert.deepEqual(clerk.permissions, ['org:admin']);
    for (const provider of ['auth0', 'cognito', 'workos', 'firebase', 'oidc']) await preview({ claims: { sub: 'u' }, provider });
    for (const [body, pointer] of [[{}, ''], [{ claims: { name: 'x' } }, '/claims'], [{ claims, mapping: { tier: 7 } }, '/mapping/tier'], [{ claims, mapping: { sub: 'email' } }, '/mapping/sub'], [{ token: 'x' }, '/token']]) {
      assert.equal((await preview(body, { status: 422 })).errors[0].pointer, pointer);
    }
  });

  test('a visitor who was signed out is refused here as in the chat', async (t) => {
    const token = await hs({ sub: 'customer-eve', iat: now() - 5 });
    const client = await connect(t, server);
    assert.equal((await client.identify(token)).type, 'auth.upgraded');
    assert.equal((await verdict(token)).verified, true);
    const { body: visitors } = await api.get(`${environment}/visitors`, { query: { kind: 'verified' } });
    const eve = visitors.items.find((one) => one.subject === 'customer-eve');
    await api.post(`${environment}/visitors/${eve.id}/revoke`);
    const said = await verdict(token);
    assert.deepEqual([said.verified, said.detail, said.identity], [false, 'revoked', null]);
  });

  test('nothing of a token is in the log or the audit log: the result alone', async () => {
    const marker = 'marker-7f3a9c';
    const token = await login({ sub: marker, secretClaim: marker, aud: 'wrong' });
    await verdict(token);
    const { body } = await api.get(`${environment}/audit`, { query: { action: 'token.test' } });
    assert.ok(body.items.length > 0);
    const row = body.items[0];
    assert.deepEqual([row.outcome, row.reason, row.detail, row.target, row.subject], ['refused', 'bad-claim', 'aud-mismatch', 'issuer/login', null]);
    for (const text of [server.stderr, JSON.stringify(body)]) {
      assert.ok(!text.includes(marker) && !text.includes(token) && !text.includes(token.split('.')[1]));
    }
    const stored = everythingStored(server.data);
    assert.ok(stored.includes('token.test') && !stored.includes(marker), 'not in the database either');
  });
});
