// SPDX-License-Identifier: Apache-2.0
// Everything that Acme can be told, in one place. Secrets come from files, never from the command line.
import { readFileSync } from 'node:fs';

const algorithms = ['RS256', 'ES256', 'EdDSA'];

function readSecret(file, what) {
  if (!file) return null;
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') throw new Error(`${what}: ${file} is empty`);
  return text;
}

function wholeNumber(text, name, lowest, highest) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < lowest || number > highest)
    throw new Error(`${name} is a whole number from ${lowest} to ${highest}, not "${text}"`);
  return number;
}

/** Reads the settings from `env` (normally process.env); throws a sentence that says what is wrong. */
export function readConfig(env) {
  const host = env.ACME_HOST || '127.0.0.1';
  const port = wholeNumber(env.ACME_PORT || '8081', 'ACME_PORT', 0, 65535);
  const url = (env.ACME_URL || `http://${host}:${port}`).replace(/\/$/, '');
  const mode = env.ACME_MODE || 'hmac';
  if (mode !== 'hmac' && mode !== 'jwks') throw new Error(`ACME_MODE is hmac or jwks, not "${mode}"`);
  const algorithm = env.ACME_ALG || 'RS256';
  if (mode === 'jwks' && !algorithms.includes(algorithm))
    throw new Error(`ACME_ALG is one of ${algorithms.join(', ')}, not "${algorithm}"`);
  const config = {
    host,
    port,
    url,
    issuer: env.ACME_ISSUER || url,
    audience: env.ACME_AUDIENCE || 'chat',
    tokenSeconds: wholeNumber(env.ACME_TOKEN_SECONDS || '300', 'ACME_TOKEN_SECONDS', 1, 3600),
    mode,
    algorithm,
    signingSecret: mode === 'hmac' ? readSecret(env.ACME_SECRET_FILE, 'ACME_SECRET_FILE') : null,
    toolSecret: readSecret(env.ACME_TOOL_SECRET_FILE, 'ACME_TOOL_SECRET_FILE'),
    chat: {
      url: (env.CHATELAINE_URL || 'http://127.0.0.1:8080').replace(/\/$/, ''),
      productId: env.CHATELAINE_PRODUCT || '',
      serviceKey: env.CHATELAINE_KEY || '',
    },
  };
  if (mode === 'hmac' && !config.signingSecret)
    throw new Error('ACME_SECRET_FILE must name the file that holds the signing secret (`chatelaine secret generate` prints one)');
  return config;
}
