// SPDX-License-Identifier: Apache-2.0
// The peer that most teams would write themselves: fastify and jose, one algorithm, the same checks and answer headers.
// usage: fastify.mjs PORT ALGORITHM KEY-FILE ISSUER AUDIENCE     (KEY-FILE: a JWK set, or for HS256 the secret)
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import { createLocalJWKSet, jwtVerify } from 'jose';

const [port, algorithm, keyFile, issuer, audience] = process.argv.slice(2);
const text = readFileSync(keyFile, 'utf8');
const isSecret = algorithm.startsWith('HS');
const keys = isSecret
  ? await crypto.subtle.importKey('raw', new TextEncoder().encode(text), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  : createLocalJWKSet(JSON.parse(text));
const rules = { issuer, audience, algorithms: [algorithm], requiredClaims: ['sub', 'exp'], clockTolerance: 60 };
const standard = new Set(['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti']);

function identityOf(claims) {
  const identity = { sub: claims.sub };
  for (const name of Object.keys(claims)) if (!standard.has(name)) identity[name] = claims[name];
  return Buffer.from(JSON.stringify(identity)).toString('base64url');
}

const app = fastify({ logger: false, keepAliveTimeout: 600_000 });

app.get('/v1/authorize', async (request, reply) => {
  const authorization = request.headers.authorization ?? '';
  if (!authorization.startsWith('Bearer ')) return reply.code(401).send();
  try {
    const { payload } = await jwtVerify(authorization.slice(7), keys, rules);
    return reply.header('x-chatelaine-sub', payload.sub).header('x-chatelaine-identity', identityOf(payload)).send();
  } catch {
    return reply.code(401).send();
  }
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
