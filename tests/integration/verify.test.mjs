// SPDX-License-Identifier: Apache-2.0
// For any backend: POST /v1/verify and GET /v1/authorize, with every failure reason, and what each of them explains.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { environmentDocument, hmacIssuer, keySetIssuer } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, makeKey, now, serveJson, signWithSecret } from './lib/tokens.mjs';

const reasons = ['missing-token', 'config-incomplete', 'expired', 'bad-signature', 'bad-claim', 'jwks-fetch-failed'];

describe('verify and authorize', () => {
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  let server;
  let secret;
  let mappedSecret;
  let key;
  const secretKeys = {};
  before(async () => {
    const t = { after: (end) => ends.push(end) };
    key = await makeKey('RS256');
    const down = await serveJson(t, (request, response) => response.writeHead(503).end());
    const documents = {
      test: environmentDocument(),
      unready: environmentDocument(), // its secret is never made
      off: environmentDocument({ issuers: [] }),
      'no-keys': environmentDocument({ issuers: [keySetIssuer(undefined)] }),
      down: environmentDocument({ issuers: [keySetIssuer(down.url)] }),
      mapped: environmentDocument({ issuers: [hmacIssuer({ mapping: { tier: 'https://acme.example/tier', plan: 'metadata.plan', city: '/address/city' } })] }),
    };
    server = await startServer(t, {
      document: documents.test,
      async prepare(one) {
        for (const [environment, document] of Object.entries(documents)) {
          if (environment !== 'test') await one.apply(document, { environment });
          secretKeys[environment] = await one.newSecretKey({ environment });
        }
        secret = await one.newSecret('acme');
        mappedSecret = await one.newSecret('acme', { environment: 'mapped' });
      },
    });
  });

  const verify = async (token, environment = 'test') => {
    const response = await server.fetch('/v1/verify', {
      method: 'POST', headers: { Authorization: `Bearer ${secretKeys[environment]}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(token === undefined ? {} : { token }),
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    return response.json();
  };
  const authorize = (token, environment = 'test', query = '') => server.fetch(`/v1/authorize${query}`, {
    key: server.environments[`acme/${environment}`].publishableKey, headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });

  test('a good token: the identity exactly as tools get it', async () => {
    const token = await signWithSecret(secret, ada({ jti: 'token-1', metadata: { plan: 'gold' } }));
    const answer = await verify(token);
    assert.equal(answer.verified, true);
    assert.deepEqual(answer.identity, {
      sub: 'customer-ada', name: 'Ada Lovelace', email: 'ada@acme.example', accountId: '1001', permissions: ['balance:read', 'card:freeze'],
      metadata: { plan: 'gold' },
    });
    assert.deepEqual(answer.permissions, ['balance:read', 'card:freeze']);
    assert.deepEqual([answer.issuer, answer.tokenId], ['acme', 'token-1']);
    assert.ok(answer.expiresAt > now());
  });

  test('a mapping renames and restricts', async () => {
    const token = await signWithSecret(mappedSecret, ada({ 'https://acme.example/tier': 'gold', metadata: { plan: 'p1', secret: 'x' }, address: { city: 'London' } }));
    assert.deepEqual((await verify(token, 'mapped')).identity, { sub: 'customer-ada', tier: 'gold', plan: 'p1', city: 'London' });
  });

  const failures = {
    'missing-token': ['test', () => undefined, 'token-absent'],
    'config-incomplete, no secret yet': ['unready', () => signWithSecret('x'.repeat(43), ada()), 'secret-missing'],
    'config-incomplete, no issuer': ['off', () => signWithSecret('x'.repeat(43), ada()), 'sign-in-off'],
    'config-incomplete, no keys': ['no-keys', () => key.sign(ada()), 'key-set-missing'],
    expired: ['test', () => signWithSecret(secret, ada({ exp: now() - 3600 })), 'exp-passed'],
    'bad-signature': ['test', () => signWithSecret('y'.repeat(43), ada()), 'signature-mismatch'],
    'bad-claim': ['test', () => signWithSecret(secret, ada({ aud: 'shop' })), 'aud-mismatch'],
    'jwks-fetch-failed': ['down', () => key.sign(ada()), 'fetch-status'],
  };
  for (const [name, [environment, make, detail]] of Object.entries(failures)) {
    const reason = name.split(',')[0];
    test(`${name} (${detail})`, async () => {
      const token = await make();
      const answer = await verify(token, environment);
      assert.deepEqual([answer.verified, answer.reason, answer.detail], [false, reason, detail]);
      for (const member of ['message', 'fix']) assert.ok(answer[member].length > 20 && answer[member].endsWith('.'), `${member}: ${answer[member]}`);

      const response = await authorize(token, environment);
      assert.equal(response.status, 401);
      const challenge = response.headers.get('www-authenticate');
      assert.match(challenge, reason === 'missing-token' ? /^Bearer realm="chatelaine"$/ : /^Bearer realm="chatelaine", error="invalid_token", error_description="/);
      const problem = await response.json();
      assert.deepEqual([problem.status, problem.reason, problem.reasonDetail], [401, reason, detail]);
      assert.equal(response.headers.get('x-chatelaine-identity'), null);
    });
  }

  test('all of the closed set is reached above', () => {
    assert.deepEqual([...new Set(Object.keys(failures).map((name) => name.split(',')[0]))], reasons);
  });

  test('the explanation tells the administrator what was expected and what came', async () => {
    const answer = await verify(await signWithSecret(secret, ada({ aud: 'shop' })));
    assert.match(answer.message, /shop/);
    assert.match(answer.message, /chat/);
  });

  test('authorize: identity in headers, for nginx and its like', async () => {
    const response = await authorize(await signWithSecret(secret, ada()));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-chatelaine-sub'), 'customer-ada');
    const identity = JSON.parse(Buffer.from(response.headers.get('x-chatelaine-identity'), 'base64url'));
    assert.equal(identity.accountId, '1001');
    const odd = await authorize(await signWithSecret(secret, ada({ sub: 'ådá\r\nX-Evil: 1 %' })));
    assert.equal(odd.headers.get('x-evil'), null);
    if (odd.status === 200) assert.equal(decodeURIComponent(odd.headers.get('x-chatelaine-sub')), 'ådá\r\nX-Evil: 1 %');
  });

  test('authorize: a permission asked for besides', async () => {
    const token = await signWithSecret(secret, ada());
    assert.equal((await authorize(token, 'test', '?permission=card:freeze')).status, 200);
    const refused = await authorize(token, 'test', '?permission=vault:open');
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('www-authenticate'), /insufficient_scope/);
    for (const query of ['?permissions=card:freeze', '?permission=', '?permission=card:freeze&permission=vault:open', '?permission=%zz', '?x'])
      assert.equal((await authorize(token, 'test', query)).status, 400, query);
  });

  test('authorize: the token in a cookie that the query names', async () => {
    const token = await signWithSecret(secret, ada());
    const ask = (cookie, query) => server.fetch(`/v1/authorize${query}`, { key: server.acme.publishableKey, headers: cookie ? { Cookie: cookie } : {} });
    assert.equal((await ask(`a=b; app_token=${token}`, '?cookie=app_token&permission=card:freeze')).status, 200);
    assert.equal((await ask(`app_token=${token}`, '')).status, 401, 'a cookie counts only where it is asked for');
    assert.equal((await ask(`app_token=${token}`, '?cookie=App_Token')).status, 401);
    assert.equal((await ask(`xapp_token=${token}`, '?cookie=app_token')).status, 401);
    const twice = await ask(`app_token=${token}; app_token=${token}x`, '?cookie=app_token');
    assert.deepEqual([twice.status, (await twice.json()).title], [400, 'cookie-ambiguous']);
    for (const query of ['?cookie=', '?cookie=a&cookie=b', '?cookie', '?anonymous=yes', '?anonymous=allow&anonymous=allow', '?cookie=a&']) assert.equal((await ask('', query)).status, 400, query);
  });

  test('authorize: who brings no token passes without an identity where that is allowed', async () => {
    const nobody = await authorize(undefined, 'test', '?anonymous=allow');
    assert.deepEqual([nobody.status, nobody.headers.get('x-chatelaine-sub'), nobody.headers.get('x-chatelaine-identity')], [200, null, null]);
    assert.equal((await authorize('x.y.z', 'test', '?anonymous=allow')).status, 401);
    assert.equal((await authorize(undefined, 'test', '?anonymous=allow&permission=card:freeze')).status, 401, 'a permission needs somebody who has it');
    const somebody = await authorize(await signWithSecret(secret, ada()), 'test', '?anonymous=allow');
    assert.equal(somebody.headers.get('x-chatelaine-sub'), 'customer-ada');
  });

  // The request that Envoy's ext_authz filter makes (HTTP service): the client's method, Host, path and query behind `path_prefix`, its Authorization, no body,
  // and what `headers_to_add` says. It passes a request on after 200 alone.
  const asEnvoy = (method, path, headers = {}) => new Promise((done, failed) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path: `/v1/ext-authz${path}`, method, headers: {
      host: 'app.example', 'content-length': '0', 'x-envoy-internal': 'true', 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https',
      'x-request-id': '5c1ad2e4-0000-4000-8000-000000000001', 'x-envoy-expected-rq-timeout-ms': '2000', 'chatelaine-key': secretKeys.test, ...headers } },
    (response) => response.resume().on('end', () => done({ status: response.statusCode, headers: response.headers })));
    sent.on('error', failed).end();
  });

  test('ext-authz: as Envoy asks, whatever the method, the path and the query of its client', async () => {
    const authorization = `Bearer ${await signWithSecret(secret, ada())}`;
    const settings = { 'chatelaine-authorize': 'anonymous=refuse' };
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      for (const path of ['/', '/cards/1?x=1', '/v1/authorize', '/a//b/?anonymous=allow&permission=nobody:has', '/%7Eada;v=1/@:!$&\'()*+,=', `/${'x/'.repeat(800)}`]) {
        const good = await asEnvoy(method, path, { ...settings, authorization });
        assert.deepEqual([good.status, good.headers['x-chatelaine-sub']], [200, 'customer-ada'], `${method} ${path}`);
        assert.equal(JSON.parse(Buffer.from(good.headers['x-chatelaine-identity'], 'base64url')).sub, 'customer-ada');
        const nobody = await asEnvoy(method, path, settings);
        assert.deepEqual([nobody.status, nobody.headers['x-chatelaine-sub'], nobody.headers['www-authenticate']], [401, undefined, 'Bearer realm="chatelaine"'], `${method} ${path}`);
        assert.equal((await asEnvoy(method, path, { ...settings, authorization: 'Bearer x.y.z' })).status, 401);
      }
    }
  });

  test('ext-authz: what the front wants stands in its header alone, and no header lets nobody through', async () => {
    const token = await signWithSecret(secret, ada());
    const authorization = `Bearer ${token}`;
    const ask = async (settings, headers = {}, path = '/') => (await asEnvoy('PUT', path, { ...(settings && { 'chatelaine-authorize': settings }), ...headers })).status;
    for (const settings of [undefined, '', 'anonymous=yes', 'anonymous', 'anonymous=allow&anonymous=refuse', 'x=y', 'cookie=', ['anonymous=allow', 'anonymous=refuse'], ['anonymous=refuse', 'anonymous=allow']])
      assert.equal(await ask(settings, { authorization }, '/?anonymous=allow'), 400, String(settings));
    assert.equal(await ask('anonymous=allow'), 200);
    assert.equal(await ask('anonymous=allow', { authorization: 'Bearer x.y.z' }), 401);
    assert.equal(await ask('cookie=app_token', { cookie: `app_token=${token}` }), 200);
    assert.equal(await ask('anonymous=refuse', { cookie: `app_token=${token}` }, '/?cookie=app_token'), 401);
    assert.equal(await ask('permission=card:freeze', { authorization }), 200);
    assert.equal(await ask('permission=card:burn', { authorization }), 403);
    assert.equal(await ask('anonymous=refuse', { authorization, 'chatelaine-key': 'sk_unknown' }), 401);
    for (const path of ['/../v1/authorize?anonymous=allow', '/%2e%2e/authorize?anonymous=allow', '/a%2fb', '/a\\b']) assert.equal(await ask('anonymous=refuse', { authorization }, path), 400, path);
    const bare = await server.fetch('/v1/ext-authz', { headers: { 'Chatelaine-Authorize': 'anonymous=allow', 'Chatelaine-Key': secretKeys.test } });
    assert.notEqual(bare.status, 200, 'without a path behind it');
    const cors = await server.fetch('/v1/ext-authz/', { method: 'OPTIONS', headers: { Origin: 'https://acme.example', 'Access-Control-Request-Method': 'POST' } });
    assert.deepEqual([cors.status, cors.headers.get('access-control-allow-origin')], [401, null], 'for servers');
  });

  test('authorize: of two keys, the front’s and its client’s, none is taken', async () => {
    const authorization = `Bearer ${await signWithSecret(secret, ada())}`;
    const settings = { 'chatelaine-authorize': 'anonymous=refuse', authorization };
    for (const keys of [[secretKeys.test, secretKeys.mapped], [secretKeys.mapped, secretKeys.test], [secretKeys.test, secretKeys.test], [secretKeys.test, '']])
      assert.equal((await asEnvoy('GET', '/', { ...settings, 'chatelaine-key': keys })).status, 400, String(keys.map((key) => key === secretKeys.test)));
    assert.equal((await asEnvoy('GET', '/', settings)).status, 200);
    // Nor is it looked for any further: not where the token's keys are yet to be fetched.
    const token = await key.sign(ada());
    const mine = { ...settings, authorization: `Bearer ${token}`, 'chatelaine-key': secretKeys.down };
    assert.equal((await asEnvoy('GET', '/', { ...mine, authorization: 'Bearer x.y.z' })).status, 401, 'the key is known');
    assert.equal((await asEnvoy('GET', '/', { ...mine, 'chatelaine-key': [secretKeys.down, 'pk_of_the_client'] })).status, 400);
    assert.equal((await asEnvoy('GET', '/', settings)).status, 200);
    assert.deepEqual(server.log().filter((line) => line.event === 'answered-twice'), []);
  });

  test('authorize: an identity that headers cannot hold is refused', async () => {
    assert.equal((await authorize(await signWithSecret(secret, ada({ note: 'x'.repeat(4900) })))).status, 200);
    const refused = await authorize(await signWithSecret(secret, ada({ note: 'x'.repeat(5600) })));
    assert.deepEqual([refused.status, (await refused.json()).title], [403, 'identity-too-large']);
    assert.equal(refused.headers.get('x-chatelaine-identity'), null);
  });

  test('the same token again and again is verified each time, until it ends', async () => {
    const token = await signWithSecret(secret, ada({ exp: now() - 58 })); // its leeway is nearly over
    assert.equal((await verify(token)).verified, true);
    await new Promise((done) => setTimeout(done, 2600));
    assert.equal((await verify(token)).reason, 'expired');
  });

  test('only a secret key may ask for a verdict, and only a known one', async () => {
    const ask = (authorization) => server.fetch('/v1/verify', { method: 'POST', headers: { ...(authorization && { Authorization: authorization }), 'Content-Type': 'application/json' }, body: '{}' });
    assert.equal((await ask()).status, 401);
    assert.equal((await ask(`Bearer ${server.acme.publishableKey}`)).status, 403);
    assert.equal((await ask('Bearer sk_unknown')).status, 401);
    assert.equal((await ask(`Bearer ${secretKeys.test}x`)).status, 401);
  });

  test('rotation: the old secret and the new both verify; killed, the old one does not', async () => {
    const old = mappedSecret;
    const fresh = await server.newSecret('acme', { environment: 'mapped', action: 'rotate' });
    await server.settled();
    for (const one of [old, fresh]) assert.equal((await verify(await signWithSecret(one, ada()), 'mapped')).verified, true);
    const last = await server.newSecret('acme', { environment: 'mapped', action: 'rotate', more: ['--now'] });
    await server.settled();
    assert.equal((await verify(await signWithSecret(last, ada()), 'mapped')).verified, true);
    for (const one of [old, fresh]) assert.equal((await verify(await signWithSecret(one, ada()), 'mapped')).reason, 'bad-signature');
  });

  test('no secret of any kind is in the log', () => {
    for (const one of [secret, mappedSecret, ...Object.values(secretKeys)]) assert.equal(server.stderr.includes(one), false);
  });
});
