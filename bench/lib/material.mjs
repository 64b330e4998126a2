// SPDX-License-Identifier: Apache-2.0
// Keys and tokens, made with npm jose. What takes long (20,000 RSA signatures) is kept for the runs of one day.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, importPKCS8, SignJWT } from 'jose';

export const algorithms = ['RS256', 'ES256', 'EdDSA', 'HS256'];
export const issuer = 'https://acme.example';
export const audience = 'chat';

/** More than the server remembers, so that who walks around them never meets one that is still known. */
export const distinctTokens = 20_000;

const lifetimeSeconds = 24 * 3600;
const madeWithin = 20 * 3600;
const now = () => Math.floor(Date.now() / 1000);

function claimsOf(visitor) {
  const number = String(visitor).padStart(6, '0');
  const issuedAt = now();
  return {
    iss: issuer, aud: audience, sub: `customer-${number}`, iat: issuedAt, exp: issuedAt + lifetimeSeconds, name: 'Ada Lovelace',
    email: `ada.lovelace.${number}@acme.example`, accountId: `10${number}`, permissions: ['balance:read', 'card:freeze'],
    metadata: { plan: 'business', locale: 'en-GB' },
  };
}

async function sign(algorithm, key, header) {
  const tokens = [];
  for (let first = 0; first < distinctTokens; first += 500) {
    const some = Array.from({ length: 500 }, (_, i) => new SignJWT(claimsOf(first + i)).setProtectedHeader({ alg: algorithm, typ: 'JWT', ...header }).sign(key));
    tokens.push(...(await Promise.all(some)));
  }
  return tokens;
}

/** The same tokens with a signature that is right in form and wrong in value. */
function forge(token) {
  const [header, claims, signature] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[bytes.length >> 1] ^= 1;
  return `${header}.${claims}.${bytes.toString('base64url')}`;
}

const write = (directory, name, tokens) => {
  const file = join(directory, name);
  writeFileSync(file, `${tokens.join('\n')}\n`, { mode: 0o600 });
  return file;
};

function readRecent(file) {
  if (!existsSync(file)) return null;
  const material = JSON.parse(readFileSync(file, 'utf8'));
  return now() - material.madeAt < madeWithin ? material : null;
}

/** An asymmetric algorithm's key pair and tokens: { algorithm, publicJwk, publicPemFile, good, forged } (files). */
async function keySetMaterial(directory, algorithm) {
  const stateFile = join(directory, `${algorithm}.json`);
  let state = readRecent(stateFile);
  if (!state) {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    const kid = `bench-${algorithm.toLowerCase()}`;
    state = { madeAt: now(), kid, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: 'sig' }, pem: await exportSPKI(pair.publicKey) };
    const key = await importPKCS8(await exportPKCS8(pair.privateKey), algorithm);
    const tokens = await sign(algorithm, key, { kid });
    write(directory, `${algorithm}.tokens`, tokens);
    write(directory, `${algorithm}.forged`, tokens.map(forge));
    writeFileSync(join(directory, `${algorithm}.pem`), state.pem);
    writeFileSync(stateFile, JSON.stringify(state), { mode: 0o600 });
  }
  return { algorithm, publicJwk: state.jwk, publicPemFile: join(directory, `${algorithm}.pem`), good: join(directory, `${algorithm}.tokens`), forged: join(directory, `${algorithm}.forged`) };
}

/** HS256 by the secret that the server has made. */
export async function makeSecretMaterial(directory, secret) {
  const tokens = await sign('HS256', new TextEncoder().encode(secret), {});
  return { algorithm: 'HS256', secret, good: write(directory, 'HS256.tokens', tokens), forged: write(directory, 'HS256.forged', tokens.map(forge)) };
}

/** { RS256: {…}, ES256: {…}, EdDSA: {…} } */
export async function makeKeySetMaterial(directory) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const material = {};
  for (const algorithm of algorithms.filter((one) => one !== 'HS256')) material[algorithm] = await keySetMaterial(directory, algorithm);
  return material;
}

/** One token that is none, as long as a real one. */
export const makeGarbage = (directory) => write(directory, 'garbage.tokens', ['x7Qz'.repeat(200)]);

export const firstToken = (file) => readFileSync(file, 'utf8').split('\n', 1)[0];
