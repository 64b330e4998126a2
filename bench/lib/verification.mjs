// SPDX-License-Identifier: Apache-2.0
// What verifying costs, ours and others': every case once a round, in turns, so that a slow minute of the machine is
// everybody's slow minute.
import { readMetric, startChatelaine } from './chatelaine.mjs';
import { libraryCases } from './libraries.mjs';
import { algorithms, distinctTokens, firstToken, makeGarbage } from './material.mjs';
import { startFastify, startFloor, startHaproxy, startNginx, startVerifyingFloor } from './peers.mjs';
import { median, micro, noise, percent, table, thousands, times } from './statistics.mjs';
import { authorizeRequest, connections, headBytes, runWrk, verifyRequest } from './wrk.mjs';

/* ---- who and what ---- */

/** Our answer to a good token, byte by byte: what the floor gives to everybody. */
async function ourAnswer(contender, request, token) {
  const response = await fetch(contender.url + request.path, { headers: Object.fromEntries(request.headers.map((line) => line.replace('{token}', token).split(': '))) });
  if (response.status !== 200) throw new Error(`Our server answers ${response.status} to a good token: ${await response.text()}`);
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 200 OK\r\n${headers}\r\n`;
}

/** { id, who, what, algorithm, contender, request, tokens, walks, expect } for everything that wrk asks. */
async function cases(place, material, prepared) {
  const ours = await startChatelaine(place, prepared);
  const requests = Object.fromEntries(algorithms.map((algorithm) => [algorithm, authorizeRequest(prepared.environments[algorithm].key)]));
  // Both on the one core: were it a core each, one of them would share wrk's. Only with a token seen before: the memories of two threads together hold all the tokens that there are.
  const two = await startChatelaine(place, prepared, { name: 'chatelaine-two-threads', threads: 2 });
  const answer = await ourAnswer(ours, requests.RS256, firstToken(material.RS256.good));
  const floor = await startFloor(place, answer);
  const nginx = await startNginx(place);
  const list = [];
  for (const algorithm of algorithms) {
    const { good, forged } = material[algorithm];
    const add = (id, contender, what, more = {}) =>
      list.push({ id: `${algorithm} ${id}`, what, algorithm, contender, request: requests[algorithm], tokens: good, walks: false, expect: 200, ...more });
    add('floor', floor, 'floor: read and write alone');
    add('nginx', nginx, 'nginx return 200');
    add('seen', ours, 'chatelaine, token seen before');
    add('never', ours, 'chatelaine, token never seen', { walks: true });
    add('limit', await startVerifyingFloor(place, answer, material[algorithm]), 'floor that verifies by the bare library', { walks: true });
    add('forged', ours, 'chatelaine, token forged', { tokens: forged, walks: true, expect: 401 });
    if (algorithm !== 'EdDSA') add('haproxy', await startHaproxy(place, material[algorithm]), 'HAProxy jwt_verify', { walks: true });
    add('fastify', await startFastify(place, material[algorithm]), 'Node: fastify + jose', { walks: true });
  }
  const verify = { algorithm: 'RS256', contender: ours, request: verifyRequest(prepared.environments.RS256.secretKey), tokens: material.RS256.good, expect: 200 };
  list.push(
    { ...verify, id: 'RS256 garbage', what: 'chatelaine, no token at all but garbage', request: requests.RS256, tokens: makeGarbage(place.tokens), walks: false, expect: 401 },
    { ...verify, id: 'RS256 verify seen', what: 'chatelaine, POST /v1/verify, seen before', walks: false },
    { ...verify, id: 'RS256 seen two', what: 'chatelaine, two front threads, seen before', contender: two, request: requests.RS256, walks: false },
    { ...verify, id: 'RS256 verify never', what: 'chatelaine, POST /v1/verify, never seen', walks: true },
  );
  return { list, ours };
}

/* ---- measuring ---- */

/** Where the walk through a file of tokens goes on: nobody meets a token again before it has met all others. */
const walked = new Map();

function nextToken(one) {
  return one.walks ? (walked.get(`${one.contender.name} ${one.tokens}`) ?? 0) : 0;
}

function walkOn(one, requests) {
  if (one.walks) walked.set(`${one.contender.name} ${one.tokens}`, (nextToken(one) + requests + connections) % distinctTokens);
}

function complain(one, result) {
  const answered = one.expect === 200 ? result.requests - result.refused : result.refused;
  if (result.requests > 0 && result.broken === 0 && answered === result.requests) return;
  throw new Error(`${one.id}: of ${result.requests} requests ${answered} were answered ${one.expect}, ${result.broken} broke`);
}

async function measure(place, one, seconds) {
  const { process } = one.contender;
  const before = process.processorMicroseconds();
  const result = await runWrk(place, one.contender, one.request, { tokens: one.tokens, first: nextToken(one), count: one.walks ? distinctTokens : 1, seconds, connections: one.connections });
  const spent = process.processorMicroseconds() - before;
  walkOn(one, result.requests);
  complain(one, result);
  return { microseconds: spent / result.requests, perSecond: result.requests / (result.microseconds / 1e6), p50: result.p50, p99: result.p99 };
}

/** That a token which nobody has seen was really verified: our own count of tokens known from before, as a share. */
async function rememberedShare(place, ours, one) {
  const count = () => readMetric(ours, 'chatelaine_tokens_remembered_total');
  const before = await count();
  const result = await runWrk(place, ours, one.request, { tokens: one.tokens, first: nextToken(one), count: distinctTokens, seconds: 1 });
  walkOn(one, result.requests);
  return ((await count()) - before) / result.requests;
}

/* ---- telling ---- */

const summary = (rounds) => ({
  microseconds: median(rounds.map((round) => round.microseconds)), noise: noise(rounds.map((round) => round.microseconds)),
  perSecond: median(rounds.map((round) => round.perSecond)), rounds,
});

/** Of two that took turns: the median of the rounds' own ratios. */
const ratio = (one, other) => median(one.rounds.map((round, i) => round.microseconds / other.rounds[i].microseconds));

function printAlgorithm(algorithm, of, rows, head) {
  console.log(`\n${algorithm}, head of ${thousands(head)} bytes`);
  const floor = of[`${algorithm} floor`];
  console.log(table(['', 'µs a request', 'noise', 'requests/s', '× floor', '× nginx'],
    rows.map(({ id, what }) => [what, micro(of[id].microseconds), percent(of[id].noise), thousands(of[id].perSecond), times(ratio(of[id], floor)), times(ratio(of[id], of[`${algorithm} nginx`]))])));
}

function printLibraries(libraries) {
  console.log('\nVerification alone');
  console.log(table(['', 'µs each', 'noise'], libraries.map((row) => [`${row.library} ${row.algorithm}`, micro(row.microseconds), percent(row.noise)])));
}

/** { what, value, limit, show }: what is to be at most its limit; a ratio, or µs. */
function goals(of, libraries) {
  const list = [];
  for (const algorithm of algorithms) {
    const seen = of[`${algorithm} seen`];
    const never = of[`${algorithm} never`];
    const fastest = libraries.filter((row) => row.algorithm === algorithm).reduce((best, row) => (row.microseconds < best.microseconds ? row : best));
    list.push({ what: `${algorithm}: seen before / floor`, value: ratio(seen, of[`${algorithm} floor`]), limit: 1.25 });
    list.push({ what: `${algorithm}: seen before / nginx return 200`, value: ratio(seen, of[`${algorithm} nginx`]), limit: 1 });
    list.push({ what: `${algorithm}: never seen, µs: (seen before ${micro(seen.microseconds)} + ${fastest.library} alone ${micro(fastest.microseconds)}) / 0.9`, value: never.microseconds, limit: (seen.microseconds + fastest.microseconds) / 0.9, show: micro });
    list.push({ what: `${algorithm}: forged / never seen`, value: ratio(of[`${algorithm} forged`], never), limit: 1 });
  }
  list.push({ what: 'RS256: never seen / HAProxy', value: ratio(of['RS256 never'], of['RS256 haproxy']), limit: 0.75 });
  list.push({ what: 'two front threads / one, on the same core, seen before', value: ratio(of['RS256 seen two'], of['RS256 seen']), limit: 1.05 });
  list.push({ what: 'garbage / seen before', value: ratio(of['RS256 garbage'], of['RS256 seen']), limit: 1.25 });
  list.push({ what: 'POST /v1/verify / GET /v1/authorize, seen before', value: ratio(of['RS256 verify seen'], of['RS256 seen']), limit: 1.4 });
  list.push({ what: 'POST /v1/verify / GET /v1/authorize, never seen', value: ratio(of['RS256 verify never'], of['RS256 never']), limit: 1.4 });
  return list;
}

function printGoals(list) {
  console.log('\nGoals (at most)');
  console.log(table(['', 'measured', 'goal', ''], list.map(({ show = times, ...goal }) => [goal.what, show(goal.value), show(goal.limit), goal.value <= goal.limit ? 'reached' : 'missed'])));
}

export async function benchVerification(place, material, prepared, { rounds, seconds, only }) {
  const { list: all, ours } = await cases(place, material, prepared);
  const list = all.filter((one) => only.test(one.id));
  const libraries = libraryCases(place, Math.min(seconds, 1)).map((row) => ({ ...row, values: [] }));
  const results = Object.fromEntries(list.map((one) => [one.id, []]));

  for (const one of list) await measure(place, one, 1); // caches filled, code compiled, keys fetched
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`\rround ${round + 1} of ${rounds} `);
    for (const one of list) results[one.id].push(await measure(place, one, seconds));
    for (const row of libraries) row.values.push(await row.measure());
  }
  process.stderr.write('\r\u001b[K');
  const known = await rememberedShare(place, ours, all.find((one) => one.id === 'RS256 never'));
  if (known > 0.01) throw new Error(`Of tokens said to be never seen ${Math.round(known * 100)} % were known: more of them are needed.`);

  const of = Object.fromEntries(Object.entries(results).map(([id, values]) => [id, summary(values)]));
  const alone = libraries.map(({ library, algorithm, values }) => ({ library, algorithm, microseconds: median(values), noise: noise(values), values }));
  for (const algorithm of algorithms) {
    const rows = list.filter((one) => one.algorithm === algorithm);
    if (of[`${algorithm} floor`] && of[`${algorithm} nginx`]) printAlgorithm(algorithm, of, rows, headBytes(rows[0].request, ours.url, firstToken(rows[0].tokens)));
  }
  printLibraries(alone);
  const reached = list.length === all.length ? goals(of, alone) : [];
  if (reached.length > 0) printGoals(reached);
  return { cases: of, libraries: alone, goals: reached };
}
