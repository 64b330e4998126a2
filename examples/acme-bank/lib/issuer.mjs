// SPDX-License-Identifier: Apache-2.0
// Mints the short-lived token that tells the chat who is signed in here: with the shared secret (HS256), or with
// Acme's own keys, whose public halves anybody may read at /.well-known/jwks.json and, as X.509, at /certificates.
import { execFile } from 'node:child_process';
import { createHash, generateKeyPair, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exportJWK, SignJWT } from 'jose';

const run = promisify(execFile);
const makeKeyPair = promisify(generateKeyPair);
const keyKinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};

/** Firebase publishes its keys as certificates; OpenSSL's command writes ours. It wants the key in a file. */
async function selfSigned(privateKey) {
  const directory = await mkdtemp(join(tmpdir(), 'acme-key-')); // only we may look into it
  try {
    const file = join(directory, 'key.pem');
    await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const { stdout } = await run('openssl', ['req', '-x509', '-new', '-key', file, '-subj', '/CN=acme-bank', '-days', '30']);
    return stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function newKey(algorithm) {
  const { publicKey, privateKey } = await makeKeyPair(...keyKinds[algorithm]);
  const jwk = await exportJWK(publicKey);
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url').slice(0, 16);
  return { kid, privateKey, jwk: { ...jwk, kid, alg: algorithm, use: 'sig' } };
}

/** What the chat is told about a person. Whatever stands here reaches the tools, and through them only what they allow. */
const claimsOf = (person) => ({
  name: person.name,
  email: person.email,
  accountId: person.accountId,
  tier: person.tier,
  permissions: person.permissions,
  metadata: { branch: person.branch },
});

export async function createIssuer(config) {
  const secret = config.signingSecret ? new TextEncoder().encode(config.signingSecret) : null;
  let keys = config.mode === 'jwks' ? [await newKey(config.algorithm)] : []; // the newest first

  return {
    /** A token for this person, for the few minutes that the settings say. */
    async mint(person) {
      const now = Math.floor(Date.now() / 1000);
      const token = new SignJWT(claimsOf(person))
        .setSubject(person.id)
        .setIssuer(config.issuer)
        .setAudience(config.audience)
        .setIssuedAt(now)
        .setExpirationTime(now + config.tokenSeconds)
        .setJti(randomUUID());
      if (secret) return token.setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret);
      return token.setProtectedHeader({ alg: config.algorithm, typ: 'JWT', kid: keys[0].kid }).sign(keys[0].privateKey);
    },

    jwks: () => ({ keys: keys.map((key) => key.jwk) }),

    async certificates() {
      const map = {};
      for (const key of keys) map[key.kid] = key.certificate ??= await selfSigned(key.privateKey);
      return map;
    },

    /** From now on a new key signs; the one before stays in the set, so that tokens already out still verify,
     *  unless `dropOld` says that it leaked. */
    async rotate(dropOld) {
      keys = [await newKey(config.algorithm), ...(dropOld ? [] : keys.slice(0, 1))];
      return keys.map((key) => key.kid);
    },
  };
}
