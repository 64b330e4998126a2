// SPDX-License-Identifier: Apache-2.0
// RFC 8725 over HTTP: what needs a running server and an identity provider to be shown. tests/unit/identity/rfc8725_test.c has every
// recommendation, one by one.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { exportSPKI } from 'jose';
import { environmentDocument, hmacIssuer, keySetIssuer } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, makeKey, rawToken, serveKeys, signWithSecret } from './lib/tokens.mjs';

describe('RFC 8725', () => {
  const ends = [];
  const t = { after: (end) => ends.push(end) };
  let server, secret, otherSecret, signIn, api, provider, evil;
  const backendKeys = {};
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  before(async () => {
    signIn = await makeKey('RS256', { kid: 'sign-in' });
    api = await makeKey('ES256', { kid: 'api' });
    provider = await serveKeys(t, signIn, api);
    evil = await anybody();
    server = await startServer(t, {
      document: environmentDocument({ issuers: [
        hmacIssuer({ issuer: 'https://backend.example' }),
        keySetIssuer(provider.url, { name: 'provider', types: ['JWT'], audiences: ['client-1'], issuer: 'https://op.example' }),
      ] }),
      prepare: async (one) => {
        secret = await one.newSecret('acme');
        await one.apply(environmentDocument({ issuers: [
          keySetIssuer(provider.url, { name: 'api', types: ['at+jwt'], audiences: ['https://api.example'], issuer: 'https://op.example' }),
          hmacIssuer({ name: 'other', issuer: 'https://backend.example' }),
        ] }), { environment: 'other' });
        for (const environment of ['test', 'other']) backendKeys[environment] = await one.newSecretKey({ environment });
        otherSecret = await one.newSecret('other', { environment: 'other' });
      },
    });
    assert.equal((await asked(signIn.sign(idToken()))).verified, true); // the keys are fetched
  });

  /** A server that only counts who comes: nobody should. */
  async function anybody() {
    const seen = [];
    const listener = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('{"keys":[]}');
    });
    await new Promise((done) => listener.listen(0, '127.0.0.1', done));
    t.after(() => new Promise((done) => listener.close(done)));
    return { seen, url: `http://127.0.0.1:${listener.address().port}` };
  }

  const idToken = (more) => ada({ iss: 'https://op.example', aud: 'client-1', nonce: 'n', ...more });
  const accessToken = (more) => ada({ iss: 'https://op.example', aud: 'https://api.example', client_id: 'client-1', jti: '1', ...more });
  const logoutToken = (more) => ada({ iss: 'https://op.example', aud: 'client-1', jti: '2', events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, ...more });
  const backendToken = (more) => ada({ iss: 'https://backend.example', ...more });

  /** What POST /v1/verify says; GET /v1/authorize must say the same. */
  async function asked(promised, environment = 'test') {
    const token = await promised;
    const answer = await server.fetch('/v1/verify', { method: 'POST', headers: { Authorization: `Bearer ${backendKeys[environment]}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
    const gate = await server.fetch('/v1/authorize', { key: server.environments[`acme/${environment}`].publishableKey, headers: { Authorization: `Bearer ${token}` } });
    const said = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(said));
    assert.equal(gate.status, said.verified ? 200 : 401, JSON.stringify(said));
    return said;
  }
  async function refused(token, reason, detail, environment) {
    const said = await asked(token, environment);
    assert.deepEqual([said.verified ?? false, said.reason, said.detail], [false, reason, detail]);
  }
  const accepted = async (token, environment) => assert.equal((await asked(token, environment)).verified, true);

  test('3.1 perform algorithm verification: the provider’s public key as a secret', async () => {
    const spki = await exportSPKI(signIn.publicKey);
    for (const guess of [spki, spki.trim(), JSON.stringify(signIn.publicJwk), signIn.publicJwk.n, Buffer.from(signIn.publicJwk.n, 'base64url')]) {
      const unsigned = rawToken({ alg: 'HS256', kid: 'sign-in' }, idToken()).slice(0, -1);
      await refused(`${unsigned}.${createHmac('sha256', guess).update(unsigned).digest('base64url')}`, 'bad-signature', 'signature-mismatch'); // of the one shared secret, which it is not
    }
    await accepted(signIn.sign(idToken()));
  });

  test('3.3, 3.4 validate all cryptographic operations: signatures of zeros, of DER, of another text', async () => {
    const parts = (await api.sign(idToken())).split('.');
    const signature = Buffer.from(parts[2], 'base64url');
    for (const forged of [Buffer.alloc(64), Buffer.alloc(64, 255), signature.subarray(0, 63), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.concat([signature.subarray(32), signature.subarray(0, 32)])])
      await refused(`${parts[0]}.${parts[1]}.${forged.toString('base64url')}`, 'bad-signature', 'signature-mismatch');
    await refused(`${parts[0]}.${Buffer.from(JSON.stringify(idToken({ sub: 'customer-bob' }))).toString('base64url')}.${parts[2]}`, 'bad-signature', 'signature-mismatch');
    await accepted(parts.join('.'));
  });

  test('3.8 validate issuer and subject: another issuer’s key, another issuer’s name', async () => {
    await refused(signWithSecret(secret, idToken()), 'bad-claim', 'iss-mismatch');
    await refused(signIn.sign(idToken({ iss: 'https://backend.example' })), 'bad-claim', 'iss-mismatch');
    await refused(signWithSecret(secret, backendToken({ sub: '' })), 'bad-claim', 'sub-invalid');
    await accepted(signWithSecret(secret, backendToken()));
  });

  test('3.9 use and validate audience: a token for another client of the same provider', async () => {
    await refused(signIn.sign(idToken({ aud: 'client-2' })), 'bad-claim', 'aud-mismatch');
    await refused(signIn.sign(idToken({ aud: ['client-2', 'https://api.example'] })), 'bad-claim', 'aud-mismatch');
    await refused(signIn.sign(idToken({ aud: undefined })), 'bad-claim', 'aud-missing');
    await accepted(signIn.sign(idToken({ aud: ['client-2', 'client-1'] })));
  });

  test('3.10 do not trust received claims: a kid with a path, SQL or LDAP in it is a name that no key has', async () => {
    for (const kid of ['../../../../../../dev/null', '/proc/self/environ', "sign-in' OR '1'='1", "x'; DROP TABLE keys; --", 'x" UNION SELECT secret FROM secrets --', '*)(uid=*))(|(uid=*', '$(touch /tmp/x)', '`id`', '{{7*7}}', '%s%s%n', `${evil.url}/k`, 'a'.repeat(1000), '\u202esign-in', '']) {
      await refused(rawToken({ alg: 'RS256', kid }, idToken(), 'AAAA'), 'bad-signature', 'unknown-kid');
      const unsigned = rawToken({ alg: 'HS256', kid }, backendToken()).slice(0, -1);
      await refused(`${unsigned}.${createHmac('sha256', '').update(unsigned).digest('base64url')}`, 'bad-signature', 'signature-mismatch'); // what /dev/null holds
    }
    assert.deepEqual(evil.seen, []);
    await accepted(signIn.sign(idToken()));
  });

  test('3.10 do not trust received claims: nobody is asked for the keys that a header names', async () => {
    const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...forger.publicKey.export({ format: 'jwk' }), kid: 'api' };
    const asForged = (more) => {
      const unsigned = rawToken({ alg: 'ES256', kid: 'api', typ: 'JWT', ...more }, idToken({ jku: evil.url, iss_url: evil.url })).slice(0, -1);
      return `${unsigned}.${sign('sha256', Buffer.from(unsigned), { key: forger.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    };
    const asked = provider.requests;
    for (const more of [{ jku: `${evil.url}/jku` }, { x5u: `${evil.url}/x5u` }, { jwk }, { jwk, jku: `${evil.url}/both` }, { x5c: [forger.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
      { jku: 'http://169.254.169.254/latest/meta-data/' }, { x5u: 'file:///etc/passwd' }, { 'x5t#S256': 'AAAA' }, { iss: evil.url }])
      await refused(asForged(more), 'bad-signature', 'signature-mismatch');
    await refused(signIn.sign(idToken({ iss: evil.url })), 'bad-claim', 'iss-mismatch'); // nor are keys looked for where iss says
    assert.deepEqual(evil.seen, [], 'somebody was asked');
    assert.equal(provider.requests, asked, 'the provider was asked for forged tokens');
    await accepted(api.sign(idToken(), { jku: `${evil.url}/jku` }));
    assert.deepEqual(evil.seen, []);
  });

  test('3.11 use explicit typing', async () => {
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'at+jwt', 'JWT2', ''])
      await refused(signIn.sign(idToken(), { typ }), 'bad-claim', 'typ-not-allowed'); // the provider's issuer has types: ["JWT"]
    for (const typ of ['JWT', 'jwt', 'application/jwt']) await accepted(signIn.sign(idToken(), { typ }));
    for (const typ of ['logout+jwt', 'dpop+jwt']) await refused(signWithSecret(secret, backendToken(), { typ }), 'bad-claim', 'typ-not-allowed');
    for (const typ of ['at+jwt', 'JWT', undefined]) await accepted(signWithSecret(secret, backendToken(), { typ }));
  });

  test('2.8, 3.12 mutually exclusive rules: ID token, access token and logout token of one provider', async () => {
    const other = 'other';
    const tokens = {
      id: signIn.sign(idToken(), { typ: 'JWT' }), access: signIn.sign(accessToken(), { typ: 'at+jwt' }), logout: signIn.sign(logoutToken(), { typ: 'logout+jwt' }), oldLogout: signIn.sign(logoutToken(), { typ: 'JWT' }),
    };
    await accepted(tokens.id);
    await refused(tokens.access, 'bad-claim', 'aud-mismatch');
    await refused(tokens.logout, 'bad-claim', 'typ-not-allowed');
    await refused(tokens.oldLogout, 'bad-claim', 'typ-not-allowed');
    await accepted(tokens.access, other);
    await refused(tokens.id, 'bad-claim', 'aud-mismatch', other);
    await refused(tokens.logout, 'bad-claim', 'aud-mismatch', other);
    await refused(signIn.sign(accessToken(), { typ: 'JWT' }), 'bad-claim', 'typ-not-allowed', other); // by its type alone
    // Two environments, two secrets: one's token says nothing to the other.
    await refused(signWithSecret(secret, backendToken()), 'bad-signature', 'signature-mismatch', other);
    await accepted(signWithSecret(otherSecret, backendToken()), other);
  });

  test('bis: a token that would have its reader count to two thousand million is refused at once', async () => {
    const bomb = `${Buffer.from(JSON.stringify({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31 - 1, p2s: 'AAAAAAAAAAAAAAAA', zip: 'DEF' })).toString('base64url')}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`;
    const begun = Date.now();
    for (let i = 0; i < 50; i++) await refused(bomb, 'bad-signature', 'malformed');
    assert.ok(Date.now() - begun < 15_000);
    await accepted(signIn.sign(idToken()));
  });
});
