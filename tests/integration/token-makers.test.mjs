// SPDX-License-Identifier: Apache-2.0
// Any standard JWT library makes a token that we take: npm `jose`, npm `jsonwebtoken`, Debian's PyJWT.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { exportPKCS8 } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { connect } from './lib/client.mjs';
import { environmentDocument, hmacIssuer, keySetIssuer } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, makeKey, serveKeys, signWithSecret } from './lib/tokens.mjs';

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // Debian's own: it has Debian's PyJWT

function pyjwt(key, algorithm, payload, kid) {
  const program = 'import json, jwt, sys\na = json.load(sys.stdin)\n'
    + 'print(jwt.encode(a["payload"], a["key"], algorithm=a["algorithm"], headers={"kid": a["kid"]} if "kid" in a else None))';
  return execFileSync(python, ['-c', program], { input: JSON.stringify({ key, algorithm, payload, kid }), encoding: 'utf8' }).trim();
}

describe('token makers', () => {
  let server;
  let secret;
  const keys = {};
  const ends = [];
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  before(async () => {
    const t = { after: (end) => ends.push(end) };
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) keys[algorithm] = await makeKey(algorithm);
    const served = await serveKeys(t, ...Object.values(keys));
    server = await startServer(t, {
      document: environmentDocument({
        issuers: [hmacIssuer({ issuer: 'https://secret.example' }), keySetIssuer(served.url, { name: 'keys', algorithms: Object.keys(keys) })],
      }),
      prepare: async (one) => (secret = await one.newSecret('acme')),
    });
  });

  async function assertTaken(t, token) {
    const client = await connect(t, server);
    const frame = await client.identify(token);
    assert.equal(frame.type, 'auth.upgraded', JSON.stringify(frame));
    assert.deepEqual(frame.user, { sub: 'customer-ada', name: 'Ada Lovelace', email: 'ada@acme.example' });
  }
  const bySecret = ada({ iss: 'https://secret.example' });

  test('jose, HS256', async (t) => assertTaken(t, await signWithSecret(secret, bySecret)));
  test('jsonwebtoken, HS256', async (t) => assertTaken(t, jsonwebtoken.sign(bySecret, secret)));
  test('PyJWT, HS256', async (t) => assertTaken(t, pyjwt(secret, 'HS256', bySecret)));

  for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
    test(`jose, ${algorithm}`, async (t) => assertTaken(t, await keys[algorithm].sign(ada())));
    test(`PyJWT, ${algorithm}`, async (t) => assertTaken(t, pyjwt(await exportPKCS8(keys[algorithm].privateKey), algorithm, ada(), keys[algorithm].kid)));
    if (algorithm !== 'EdDSA') // jsonwebtoken does not know it
      test(`jsonwebtoken, ${algorithm}`, async (t) => assertTaken(t, jsonwebtoken.sign(ada(), await exportPKCS8(keys[algorithm].privateKey), { algorithm, keyid: keys[algorithm].kid })));
  }

  test('without a kid, where one key alone fits', async (t) => assertTaken(t, await keys.EdDSA.sign(ada(), { kid: undefined })));
});
