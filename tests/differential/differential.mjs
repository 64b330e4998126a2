// SPDX-License-Identifier: Apache-2.0
// Our verifier beside npm `jose` and Debian's PyJWT, on the same tokens: all must accept or all refuse, unless disagreements.json says
// why not. Run by itself:
//   node tests/differential/differential.mjs [--seed TEXT] [--tokens N] [--seconds N] [--binary PATH]
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { conditions, factsOf } from './conditions.mjs';
import { generate } from './generate.mjs';
import { settings } from './keys.mjs';
import { judgeByChatelaine, judgeByJose, judgeByPyJwt } from './peers.mjs';

export const table = JSON.parse(readFileSync(new URL('disagreements.json', import.meta.url), 'utf8')).disagreements;

/** The row that explains why `peer` judges this token otherwise, or undefined. */
function explanation(peer, ours, theirs, facts) {
  const says = (row) => (ours.accepted ? row.theirs?.includes(theirs.why) : row.details?.includes(ours.why));
  return table.find((row) => row.peer === peer && row.ours === (ours.accepted ? 'accept' : 'refuse') && says(row) && row.when.some((name) => conditions[name](facts)));
}

/** The claims in our answer are those that `jose` has read, too, but those about the token, in whatever case. */
function sameClaims(user, payload) {
  const isPassedOn = (name) => name === 'sub' || !/^(iss|sub|aud|exp|iat|nbf|jti)$/iu.test(name);
  const rest = Object.fromEntries(Object.entries(payload).filter(([name]) => isPassedOn(name)));
  const ordered = (value) => (Array.isArray(value) ? value.map(ordered)
    : value && typeof value === 'object' ? Object.keys(value).sort().map((name) => [name, ordered(value[name])]) : value);
  return JSON.stringify(ordered(user)) === JSON.stringify(ordered(rest));
}

/** What two verdicts on a token come to: "agree", the row that explains why they differ, or "unexplained". */
export function weigh(peer, ours, theirs, token, setting) {
  if (ours.accepted !== theirs.accepted) return explanation(peer, ours, theirs, factsOf(token, setting)) ?? 'unexplained';
  if (!ours.accepted) return 'agree';
  return ours.sub === theirs.sub && (!theirs.payload || sameClaims(ours.user, theirs.payload)) ? 'agree' : 'unexplained';
}

/** Judges `count` tokens of `seed`. { accepted, refused, met: Map row id → how often, unexplained: […] }. */
export async function compare({ seed, count, binary }) {
  const result = { tokens: 0, accepted: 0, refused: 0, met: new Map(), unexplained: [] };
  const all = [...generate(seed, count)];
  for (const setting of settings) {
    const cases = all.filter((one) => one.setting === setting.name);
    const tokens = cases.map((one) => one.token);
    if (tokens.length === 0) continue;
    const [ours, jose, pyjwt] = await Promise.all([judgeByChatelaine(binary, setting, tokens), judgeByJose(setting, tokens), judgeByPyJwt(setting, tokens)]);
    if (ours.length !== tokens.length || pyjwt.length !== tokens.length) throw new Error(`${setting.name}: ${tokens.length} tokens, ${ours.length} and ${pyjwt.length} answers`);
    for (const [i, { token, changes }] of cases.entries()) {
      result.tokens++;
      result[ours[i].accepted ? 'accepted' : 'refused']++;
      for (const [peer, theirs] of [['jose', jose[i]], ['PyJWT', pyjwt[i]]]) {
        const outcome = weigh(peer, ours[i], theirs, token, setting);
        if (outcome === 'unexplained') result.unexplained.push({ setting: setting.name, peer, changes, ours: ours[i], theirs, token, ...readable(token) });
        else if (outcome !== 'agree') result.met.set(outcome.id, (result.met.get(outcome.id) ?? 0) + 1);
      }
    }
  }
  return result;
}

function readable(token) {
  const [header, claims] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return { header, claims };
}

async function main() {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, tokens: { type: 'string', default: '20000' }, seconds: { type: 'string' }, binary: { type: 'string', default: 'build/chatelaine' } } });
  const until = values.seconds ? Date.now() + 1000 * values.seconds : 0;
  let failed = false;
  do {
    const seed = values.seed ?? randomBytes(6).toString('hex');
    const { tokens, accepted, refused, met, unexplained } = await compare({ seed, count: Number(values.tokens), binary: values.binary });
    console.log(`seed ${seed}: ${tokens} tokens, ${accepted} accepted, ${refused} refused, ${[...met.values()].reduce((a, b) => a + b, 0)} disagreements explained by ${met.size} rows, ${unexplained.length} not`);
    for (const one of unexplained.slice(0, 20)) console.log(JSON.stringify(one, null, 1));
    failed ||= unexplained.length > 0;
    if (values.seed) break;
  } while (Date.now() < until && !failed);
  process.exitCode = failed ? 1 : 0;
}

if (process.argv[1] === new URL(import.meta.url).pathname) await main();
