// SPDX-License-Identifier: Apache-2.0
// Key sets: Acme as its own issuer, a real OpenID provider, Firebase's form, and rotation while a chat is open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBank } from './lib/bank.mjs';
import { connect } from './lib/client.mjs';
import { environmentDocument, keySetIssuer } from './lib/document.mjs';
import { startProvider } from './lib/oidc.mjs';
import { startServer } from './lib/server.mjs';
import { ada, claims, makeKey, serveJson, serveKeys } from './lib/tokens.mjs';

for (const [keys, algorithm] of [['jwks', 'RS256'], ['jwks', 'ES256'], ['jwks', 'EdDSA'], ['certificates', 'RS256']]) {
  test(`Acme’s own ${algorithm} keys (${keys}), rotated while the chat is open`, async (t) => {
    const { server, token, rotate } = await startBank(t, { keys, algorithm });
    const client = await connect(t, server);
    assert.equal((await client.identify(await token('ada'))).type, 'auth.upgraded');
    assert.match((await client.ask('what is my balance?')).text, /1,204\.50 €\*\*, Ada/);

    await rotate();
    assert.equal((await client.identify(await token('bob'))).type, 'auth.upgraded', 'the new key is fetched for the request that needs it');
    assert.match((await client.ask('what is my balance?')).text, /87\.35 €\*\*, Bob/);
    client.send('auth.refresh', { token: await token('bob') });
    await client.expect('auth.refreshed');
  });
}

for (const algorithm of ['RS256', 'ES256', 'EdDSA', 'PS256']) {
  test(`ID tokens of an OpenID provider, ${algorithm}`, async (t) => {
    const provider = await startProvider(t, { algorithm });
    const server = await startServer(t, {
      document: environmentDocument({ issuers: [keySetIssuer(provider.keySetUrl, { name: 'provider', issuer: provider.issuer, algorithms: [algorithm] })] }),
    });
    const client = await connect(t, server);
    const upgraded = await client.identify(await provider.idToken('ada'));
    assert.deepEqual(upgraded.user, { sub: 'ada', name: 'Ada Lovelace', email: 'ada@acme.example' });
  });
}

for (const algorithm of ['RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512']) {
  test(`a key set with ${algorithm}`, async (t) => {
    const key = await makeKey(algorithm);
    const served = await serveKeys(t, key);
    const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(served.url, { algorithms: [algorithm] })] }) });
    const client = await connect(t, server);
    assert.equal((await client.identify(await key.sign(ada()))).type, 'auth.upgraded');
  });
}

test('an unknown kid fetches the keys anew, but not more often than once in ten seconds', async (t) => {
  const [first, second, stranger] = [await makeKey(), await makeKey(), await makeKey()];
  const served = await serveKeys(t, first);
  const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(served.url)] }) });
  const client = await connect(t, server);
  assert.equal((await client.identify(await first.sign(ada()))).type, 'auth.upgraded');
  assert.equal(served.requests, 1);

  for (let i = 0; i < 5; i++) {
    const failed = await client.identify(await stranger.sign(ada({ jti: `${i}` })));
    assert.deepEqual([failed.type, failed.reason, failed.detail], ['auth.failed', 'bad-signature', 'unknown-kid']);
  }
  assert.equal(served.requests, 2);

  served.answer = { keys: [first.publicJwk, second.publicJwk] };
  const early = await client.identify(await second.sign(ada()));
  assert.equal(early.reason, 'bad-signature', 'within the ten seconds nothing is fetched');
  await new Promise((done) => setTimeout(done, 10_500));
  assert.equal((await client.identify(await second.sign(ada()))).type, 'auth.upgraded');
  assert.equal(served.requests, 3);
});

test('many visitors at once cause one fetch', async (t) => {
  const key = await makeKey();
  const served = await serveJson(t, (request, response) => {
    setTimeout(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys: [key.publicJwk] })), 300);
  });
  const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(served.url)] }), args: ['--allow-private-egress', '--threads', '1'] });
  const clients = await Promise.all(Array.from({ length: 40 }, () => connect(t, server)));
  const answers = await Promise.all(clients.map(async (client, i) => client.identify(await key.sign(ada({ sub: `visitor-${i}` })))));
  assert.deepEqual(new Set(answers.map((frame) => frame.type)), new Set(['auth.upgraded']));
  assert.equal(served.requests, 1);
});

test('the key-set server is down from the start: jwks-fetch-failed; it comes back: signed in', async (t) => {
  const key = await makeKey();
  const served = await serveJson(t, (request, response) => response.writeHead(503).end());
  const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(served.url)] }) });
  const client = await connect(t, server);
  const failed = await client.identify(await key.sign(ada()));
  assert.deepEqual([failed.type, failed.reason], ['auth.failed', 'jwks-fetch-failed']);
  assert.doesNotMatch(failed.message, /503|http/, 'a visitor is told no internals');
});

const keyAnswers = {
  'HTML': ['text/html', '<html></html>'],
  'not JSON': ['application/json', '{"keys":'],
  'not a key set': ['application/json', '[1,2,3]'],
  'more than a megabyte': ['application/json', `{"keys":[],"x":"${'a'.repeat(1_100_000)}"}`],
};
for (const [name, [type, body]] of Object.entries(keyAnswers)) {
  test(`a key set that is ${name} is a failed fetch`, async (t) => {
    const key = await makeKey();
    const served = await serveJson(t, (request, response) => response.writeHead(200, { 'Content-Type': type }).end(body));
    const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(served.url)] }) });
    const failed = await (await connect(t, server)).identify(await key.sign(ada()));
    assert.deepEqual([failed.type, failed.reason], ['auth.failed', 'jwks-fetch-failed']);
  });
}

test('without the operator’s leave no key set is fetched from a private address', async (t) => {
  const key = await makeKey();
  const served = await serveKeys(t, key);
  const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(served.url)] }), args: [] });
  const failed = await (await connect(t, server)).identify(await key.sign(ada()));
  assert.deepEqual([failed.type, failed.reason], ['auth.failed', 'jwks-fetch-failed']);
  assert.equal(served.requests, 0);
});

test('several issuers at once, each with its own keys', async (t) => {
  const [old, fresh] = [await makeKey('RS256'), await makeKey('ES256')];
  const [oldKeys, freshKeys] = [await serveKeys(t, old), await serveKeys(t, fresh)];
  const server = await startServer(t, {
    document: environmentDocument({
      issuers: [keySetIssuer(oldKeys.url, { name: 'old', issuer: 'https://old.example' }), keySetIssuer(freshKeys.url, { name: 'new', issuer: 'https://new.example' })],
    }),
  });
  const client = await connect(t, server);
  assert.equal((await client.identify(await old.sign(claims({ iss: 'https://old.example' })))).type, 'auth.upgraded');
  assert.equal((await client.identify(await fresh.sign(claims({ iss: 'https://new.example' })))).type, 'auth.upgraded');
  const crossed = await client.identify(await fresh.sign(claims({ iss: 'https://old.example' })));
  assert.equal(crossed.type, 'auth.failed', 'the keys of one issuer say nothing for another');
});
