// SPDX-License-Identifier: Apache-2.0
// libchatelaine beside libjwt, cjose and the bare crypto library: the same 20,000 tokens, µs of processor time each.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { algorithms, makeSecretMaterial } from './material.mjs';
import { runOn } from './processes.mjs';
import { median, micro, noise, percent, table, thousands, times } from './statistics.mjs';

/** Who can what: neither libjwt 1.10 nor cjose knows EdDSA. */
const contenders = { chatelaine: algorithms, libjwt: ['RS256', 'ES256', 'HS256'], cjose: ['RS256', 'ES256', 'HS256'], bare: algorithms };
const names = { chatelaine: 'libchatelaine', libjwt: 'libjwt', cjose: 'cjose', bare: 'bare OpenSSL' };
/** Share of the bare library's rate that is to be reached. */
const shareOfBare = { RS256: 0.85, ES256: 0.95 };

/** Where each contender finds the key in the form that it reads. */
async function keyFiles(place, material) {
  const directory = join(place.tokens, 'library');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const write = (name, text) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const secret = randomBytes(32).toString('base64url');
  const secretFile = write('HS256.secret', secret);
  const files = { HS256: { tokens: (await makeSecretMaterial(directory, secret)).good, chatelaine: secretFile, libjwt: secretFile, cjose: secretFile, bare: secretFile } };
  for (const { algorithm, good, publicJwk, publicPemFile } of Object.values(material)) {
    if (!publicJwk) continue; // the server's own secret
    files[algorithm] = {
      tokens: good, chatelaine: write(`${algorithm}.jwks`, JSON.stringify({ keys: [publicJwk] })), cjose: write(`${algorithm}.jwk`, JSON.stringify(publicJwk)),
      libjwt: publicPemFile, bare: publicPemFile,
    };
  }
  return files;
}

const rate = (row) => 1e6 / row.microseconds;
/** Of two that took turns: how many times as fast the first is; the median of the rounds' own ratios. */
const faster = (one, other) => median(one.values.map((value, i) => other.values[i] / value));

function goals(of) {
  const list = [];
  for (const algorithm of algorithms) {
    const ours = of(algorithm, 'chatelaine');
    for (const other of ['libjwt', 'cjose']) {
      if (of(algorithm, other)) list.push({ what: `${algorithm}: libchatelaine's rate / ${other}'s`, value: faster(ours, of(algorithm, other)), least: 1 });
    }
    if (shareOfBare[algorithm]) list.push({ what: `${algorithm}: libchatelaine's rate / bare OpenSSL's`, value: faster(ours, of(algorithm, 'bare')), least: shareOfBare[algorithm] });
  }
  return list;
}

export async function benchLibrary(place, material, { rounds, seconds, only }) {
  const files = await keyFiles(place, material);
  const rows = algorithms.flatMap((algorithm) => Object.keys(contenders).filter((name) => contenders[name].includes(algorithm))
    .map((contender) => ({ algorithm, contender, values: [] }))).filter((row) => only.test(`${row.algorithm} ${row.contender}`));
  if (rows.length === 0) return undefined;
  const measure = async ({ algorithm, contender }) => Number(await runOn(place.cores.server, join(place.out, 'library_rate'),
    [contender, algorithm, files[algorithm].tokens, files[algorithm][contender], String(seconds)]));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`\rlibraries: round ${round + 1} of ${rounds} `);
    for (const row of rows) row.values.push(await measure(row));
  }
  process.stderr.write('\r\u001b[K');
  for (const row of rows) Object.assign(row, { microseconds: median(row.values), noise: noise(row.values) });

  const of = (algorithm, contender) => rows.find((row) => row.algorithm === algorithm && row.contender === contender);
  console.log('\nLibraries: the same tokens, never the same one twice in a row');
  console.log(table(['', 'µs a token', 'noise', 'tokens/s', 'rate / bare'], rows.map((row) => {
    const bare = of(row.algorithm, 'bare');
    const name = row.contender === 'bare' && row.algorithm === 'EdDSA' ? 'bare libsodium' : names[row.contender];
    return [`${row.algorithm} ${name}`, micro(row.microseconds), percent(row.noise), thousands(rate(row)), bare ? times(faster(row, bare)) : ''];
  })));
  const complete = rows.length === Object.values(contenders).flat().length;
  const list = complete ? goals(of) : [];
  if (complete) {
    console.log('\nGoals (at least)');
    console.log(table(['', 'measured', 'goal', ''], list.map((goal) => [goal.what, times(goal.value), times(goal.least), goal.value >= goal.least ? 'reached' : 'missed'])));
  }
  return { rows, goals: list };
}
