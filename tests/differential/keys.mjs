// SPDX-License-Identifier: Apache-2.0
// The keys that tokens are made with, always the same (keys.json: for tests alone, they protect nothing), and the verifiers'
// settings that tokens are judged by.
import { constants, createHmac, createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const jwks = JSON.parse(readFileSync(new URL('keys.json', import.meta.url), 'utf8')).keys;

/** By kid: { kid, jwk (as it is published), privateKey or secret, algorithms (that it can sign with) }. */
export const keys = Object.fromEntries(jwks.map((jwk) => [jwk.kid, readKey(jwk)]));

function algorithmsOf({ kty, crv, n }) {
  if (kty === 'oct') return ['HS256', 'HS384', 'HS512'];
  if (kty === 'RSA') return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', ...(n.length > 200 ? ['PS512'] : [])]; // whose salt is too long for 1024 bits
  return { 'P-256': ['ES256'], 'P-384': ['ES384'], 'P-521': ['ES512'], Ed25519: ['EdDSA', 'Ed25519'], Ed448: ['EdDSA', 'Ed448'] }[crv];
}

function readKey(private_) {
  const { d, p, q, dp, dq, qi, ...jwk } = private_;
  if (private_.kty === 'oct') return { kid: jwk.kid, jwk, secret: Buffer.from(jwk.k, 'base64url'), algorithms: algorithmsOf(jwk) };
  return { kid: jwk.kid, jwk, privateKey: createPrivateKey({ key: private_, format: 'jwk' }), algorithms: algorithmsOf(jwk) };
}

/** The signature of `input` by the key, as `algorithm` would have it, whether or not that is the key's own. */
export function signature(key, algorithm, input, { saltLength } = {}) {
  const bits = algorithm.slice(2);
  const family = algorithm.slice(0, 2);
  if (key.secret) return createHmac(`sha${bits}`, key.secret).update(input).digest();
  if (family === 'RS') return sign(`sha${bits}`, input, key.privateKey);
  if (family === 'PS') return sign(`sha${bits}`, input, { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength ?? bits / 8 });
  if (family === 'ES') return sign(`sha${bits}`, input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return sign(null, input, key.privateKey);
}

const symmetric = ['HS256', 'HS384', 'HS512'];
const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'Ed448'];
const set = (...kids) => ({ keys: kids.map((kid) => keys[kid].jwk) });
const withoutKid = ({ keys: all }) => ({ keys: all.map(({ kid, ...jwk }) => jwk) });
const strict = { issuer: 'https://issuer.example', audiences: ['chat', 'desk'], leeway: 0 };
const lenient = { issuer: null, audiences: [], leeway: 60 };
const everyKey = ['rsa', 'rsa-bound', 'rsa-1024', 'rsa-encrypts', 'p256', 'p384', 'p521', 'ed25519', 'ed448', 'secret-64'];

/** What a verifier is told. `signers`: whose tokens it sees. */
export const settings = [
  { name: 'secret', secret: 'secret-64', algorithms: symmetric, ...lenient, signers: ['secret-64'] },
  { name: 'secret-strict', secret: 'secret-64', algorithms: ['HS256', 'HS384'], ...strict, signers: ['secret-64'] },
  { name: 'secret-short', secret: 'secret-32', algorithms: symmetric, ...lenient, signers: ['secret-32', 'secret-64'] },
  { name: 'keys', jwks: set(...everyKey), algorithms: asymmetric, ...lenient, signers: everyKey },
  { name: 'keys-strict', jwks: set(...everyKey), algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], ...strict, signers: ['rsa', 'p256', 'ed25519'] },
  { name: 'one-key', jwks: withoutKid(set('p256')), algorithms: asymmetric, ...lenient, signers: ['p256'] },
  { name: 'twins', jwks: withoutKid(set('rsa', 'rsa-bound', 'ed25519')), algorithms: asymmetric, ...lenient, signers: ['rsa', 'ed25519'] },
];
