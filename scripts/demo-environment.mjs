// SPDX-License-Identifier: Apache-2.0
// The example's environment document, with Acme where it really listens and, in key-set mode, with its keys' address in
// place of the shared secret.
import { readFileSync } from 'node:fs';

const written = 'http://127.0.0.1:8081'; // the address that examples/acme-bank/chatelaine.json is written for

/** `keys` is null (shared secret), 'jwks' or 'certificates' (Firebase's form). */
export function demoEnvironment({ acmeUrl, keys = null, algorithm = 'RS256' }) {
  const file = new URL('../examples/acme-bank/chatelaine.json', import.meta.url);
  const document = JSON.parse(readFileSync(file, 'utf8').replaceAll(written, acmeUrl));
  document.config.origins = [acmeUrl, acmeUrl.replace('127.0.0.1', 'localhost')];
  if (keys) {
    const [issuer] = document.config.signIn.issuers;
    issuer.mode = 'key-set';
    issuer.keySetUrl = acmeUrl + (keys === 'jwks' ? '/.well-known/jwks.json' : '/certificates');
    issuer.algorithms = [algorithm];
  }
  return document;
}
