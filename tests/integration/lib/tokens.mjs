// SPDX-License-Identifier: Apache-2.0
// Token makers: what an app's backend does, with npm `jose`.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const now = () => Math.floor(Date.now() / 1000);

/** A visitor's claims with all that is needed; `more` replaces, undefined removes. */
export function claims(more = {}) {
  return { sub: 'customer-ada', iss: 'https://acme.example', aud: 'chat', iat: now(), exp: now() + 300, name: 'Ada Lovelace',
    email: 'ada@acme.example', accountId: '1001', permissions: ['balance:read', 'card:freeze'], ...more };
}
export const ada = (more) => claims(more);
export const bob = (more) => claims({ sub: 'customer-bob', name: 'Bob Martin', email: 'bob@acme.example', accountId: '2002',
  permissions: ['balance:read'], ...more });

/** HS256 with the secret as it was shown, as every JWT library does it. */
export function signWithSecret(secret, payload, header = {}) {
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(new TextEncoder().encode(secret));
}

let keyNumber = 0;

/** A key pair that signs: { kid, alg, publicJwk, privateKey, sign(claims, header) }. */
export async function makeKey(alg = 'RS256', options = {}) {
  const { kid = `key-${++keyNumber}`, ...more } = options;
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...more });
  return {
    kid, alg, privateKey, publicKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: (payload, header = {}) => new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(privateKey),
  };
}

/** Any token at all, put together by hand: for those that no library would make. */
export function rawToken(header, payload, signature = '') {
  const part = (value) => Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64url')}`;
}

/** Serves whatever `answer()` gives (a value, or a function of (request, response)) on loopback and counts how often it was asked. */
export async function serveJson(t, answer) {
  const served = { requests: 0, answer };
  const server = createServer((request, response) => {
    served.requests++;
    if (typeof served.answer === 'function') return served.answer(request, response);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(served.answer));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  served.url = `http://127.0.0.1:${server.address().port}/keys`;
  return served;
}

/** A key set at a URL: `keySet.answer` can be changed, `keySet.requests` counts. */
export const serveKeys = (t, ...keys) => serveJson(t, { keys: keys.map((key) => key.publicJwk) });
