// SPDX-License-Identifier: Apache-2.0
// What verification alone costs: Debian's libraries, bare, in µs of processor time a signature.
import { join } from 'node:path';
import { runOn } from './processes.mjs';

/** A token's header and claims: what HMAC goes over. */
const signedBytes = 512;

async function opensslVerify(place, seconds, name, resultLine) {
  const output = await runOn(place.cores.server, 'openssl', ['speed', '-mr', '-seconds', String(seconds), name]);
  return 1e6 / Number(resultLine.exec(output)[1]); // the last number of its line is verifications a second
}

async function opensslHmac(place, seconds) {
  const output = await runOn(place.cores.server, 'openssl', ['speed', '-mr', '-seconds', String(seconds), '-bytes', String(signedBytes), '-hmac', 'sha256']);
  return (signedBytes / Number(/^\+F:\d+:hmac\(sha256\):([\d.]+)$/m.exec(output)[1])) * 1e6;
}

/** One row for each library and algorithm that it is asked for: { library, algorithm, measure() → µs }. */
export function libraryCases(place, seconds) {
  return [
    { library: 'OpenSSL', algorithm: 'RS256', measure: () => opensslVerify(place, seconds, 'rsa2048', /^\+F2:\d+:2048:[\d.]+:([\d.]+)$/m) },
    { library: 'OpenSSL', algorithm: 'ES256', measure: () => opensslVerify(place, seconds, 'ecdsap256', /^\+F4:\d+:256:[\d.]+:([\d.]+)$/m) },
    { library: 'OpenSSL', algorithm: 'EdDSA', measure: () => opensslVerify(place, seconds, 'ed25519', /^\+F6:\d+:253:Ed25519:[\d.]+:([\d.]+)$/m) },
    { library: 'libsodium', algorithm: 'EdDSA', measure: async () => Number(await runOn(place.cores.server, join(place.out, 'sodium_rate'), [String(seconds)])) },
    { library: 'OpenSSL', algorithm: 'HS256', measure: () => opensslHmac(place, seconds) },
  ];
}
