// SPDX-License-Identifier: Apache-2.0
// Under siege: what an honest client experiences before, during and after each attack of attackers.mjs. The honest client and the attackers are
// processes of their own; the attackers share the load core and stand back (nice) for the honest client, so that what is measured is the server's.
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { attacks, startAttack } from './attackers.mjs';
import { applyEnvironment, startChatelaine } from './chatelaine.mjs';
import { micro, percentile, table, thousands } from './statistics.mjs';

const self = fileURLToPath(import.meta.url);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/* ---- the honest client's process ---- */

/** One request on a socket: ms until its answer is there, or an error's name. */
function ask(socket, request) {
  return new Promise((done) => {
    const begun = performance.now();
    let heard = '';
    const end = (result) => {
      clearTimeout(late);
      socket.off('data', hear).off('error', fail).off('close', fail);
      done(result);
    };
    const hear = (data) => {
      heard += data;
      const head = heard.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(heard)?.[1] ?? 0);
      if (heard.length < head + 4 + length) return;
      end(heard.startsWith('HTTP/1.1 200') ? performance.now() - begun : heard.slice(9, 12));
    };
    const fail = (error) => end(error?.code ?? 'closed');
    const late = setTimeout(() => end('late'), 10_000);
    if (socket.destroyed) {
      clearTimeout(late);
      return done('closed between requests');
    }
    socket.on('data', hear).on('error', fail).on('close', fail);
    socket.write(request);
  });
}

/** A thousand requests a second at most, on one connection that is kept, and twenty on new ones. */
async function live({ port, request }, results) {
  const open = () => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('latin1').setNoDelay().on('error', () => {});
    return socket;
  };
  const kept = async () => {
    let socket = open();
    for (;;) {
      const result = await ask(socket, request);
      results.kept.push(result);
      if (typeof result === 'string') {
        socket.destroy();
        socket = open();
      }
      await pause(1);
    }
  };
  const fresh = async () => {
    for (;;) {
      const begun = performance.now();
      const socket = open();
      const result = await ask(socket, request);
      results.fresh.push(typeof result === 'string' ? result : performance.now() - begun);
      socket.destroy();
      await pause(50);
    }
  };
  await Promise.all([kept(), fresh()]);
}

if (process.argv[1] === self && process.send) {
  process.on('disconnect', () => process.exit(0));
  let results = { kept: [], fresh: [] };
  const target = JSON.parse(process.argv[2]);
  const shared = { kept: { push: (value) => results.kept.push(value) }, fresh: { push: (value) => results.fresh.push(value) } };
  process.on('message', () => {
    process.send(results);
    results = { kept: [], fresh: [] };
  });
  live(target, shared);
}

function startHonest(place, target) {
  const child = fork(self, [JSON.stringify(target)], { execPath: 'taskset', execArgv: ['--cpu-list', String(place.cores.load), process.execPath] });
  const take = () => new Promise((done) => {
    child.once('message', done);
    child.send('take');
  });
  return {
    /** What has come in so many seconds. */
    async live(seconds) {
      await take();
      await pause(seconds * 1000);
      return take();
    },
    stop: () => new Promise((done) => {
      child.once('exit', done);
      child.kill('SIGKILL');
    }),
  };
}

/** { requests, errors (by kind), p50, p99 (ms) } of one kind of connection. */
function sum(values) {
  const times = values.filter((value) => typeof value === 'number');
  const errors = {};
  for (const value of values) if (typeof value === 'string') errors[value] = (errors[value] ?? 0) + 1;
  return { requests: values.length, errors, p50: times.length ? percentile(times, 0.5) : undefined, p99: times.length ? percentile(times, 0.99) : undefined };
}
const summary = ({ kept, fresh }) => ({ kept: sum(kept), fresh: sum(fresh) });

/* ---- the town: a server, a provider of keys, a token that is known ---- */

const claims = () => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: 'https://acme.example', aud: 'chat', sub: 'customer-ada', iat: now, exp: now + 3600 };
};

async function startProvider() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'siege', alg: 'RS256', use: 'sig' };
  const provider = { requests: 0, answer: (response) => response.end(JSON.stringify({ keys: [jwk] })) };
  const server = createServer((request, response) => {
    provider.requests++;
    provider.answer(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  provider.url = `http://127.0.0.1:${server.address().port}/keys`;
  provider.token = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'siege' }).sign(privateKey);
  provider.stop = () => server.closeAllConnections();
  return provider;
}

const failures = {
  'provider-down': ['unknown-kids while the provider of keys is down', (response) => response.socket.destroy()],
  'provider-slow': ['unknown-kids while it never answers', () => {}],
  'provider-garbage': ['unknown-kids while it serves garbage', (response) => response.end('<html>'.repeat(10_000))],
};

export async function benchSiege(place, prepared, { quick, only }) {
  const provider = await startProvider();
  const good = provider.answer;
  const environment = await applyEnvironment(place, prepared, 'siege', { mode: 'key-set', keySetUrl: provider.url, algorithms: ['RS256'], issuer: 'https://acme.example', audiences: ['chat'] });
  const contender = await startChatelaine(place, prepared, { name: 'chatelaine-siege' });
  const headers = `Authorization: Bearer ${environment.secretKey}\r\n`;
  const body = JSON.stringify({ token: provider.token });
  const request = `POST /v1/verify HTTP/1.1\r\nHost: bench\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const target = { port: contender.port, path: '/v1/verify', headers, large: '/healthz', session: `/v1/session?key=${environment.key}`, claims: claims() };
  const [calm, storm] = quick ? [0.5, 1] : [3, 8];
  const honest = startHonest(place, { port: contender.port, request });
  const rows = [];
  const measure = async (name, what, attackName) => {
    const before = summary(await honest.live(calm));
    const asked = provider.requests;
    const attacker = startAttack(attackName, target, { prefix: ['nice', '-n', '10', 'taskset', '--cpu-list', String(place.cores.load)] });
    await pause(quick ? 500 : 2000); // it takes up its place
    const processor = contender.process.processorMicroseconds();
    const during = summary(await honest.live(storm));
    const share = (contender.process.processorMicroseconds() - processor) / (storm * 1e6);
    const counts = await attacker.counts();
    await attacker.stop();
    await pause(quick ? 200 : 1000);
    rows.push({ name, what, before, during, after: summary(await honest.live(calm)), counts, processor: share, asked: provider.requests - asked });
  };
  await pause(1000);
  for (const [name, { what }] of Object.entries(attacks)) if (only.test(name)) await measure(name, what, name);
  for (const [name, [what, answer]] of Object.entries(failures)) {
    if (!only.test(name)) continue;
    provider.answer = answer;
    await measure(name, what, 'unknown-kids');
    provider.answer = good;
  }
  const memory = contender.process.residentBytes();
  await honest.stop();
  await contender.process.stop();
  provider.stop();
  print(rows, memory);
  return { rows, memory };
}

function print(rows, memory) {
  const errors = (one) => Object.entries(one.errors).map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none';
  const pair = (one) => `${micro(one.p50)} / ${micro(one.p99)}`;
  console.log('\nUnder siege: POST /v1/verify by an honest client with a token seen before; p50 / p99 in ms');
  console.log(table(['attack', 'before', 'during', 'after', 'new connections, during', 'errors', 'server busy', 'attackers open', 'thrown out', 'keys asked for'], rows.map((row) => [
    row.name, pair(row.before.kept), pair(row.during.kept), pair(row.after.kept), pair(row.during.fresh),
    errors({ errors: Object.fromEntries([...Object.entries(row.during.kept.errors), ...Object.entries(row.during.fresh.errors)]) }),
    `${Math.round(row.processor * 100)} %`, thousands(row.counts.now), thousands(row.counts.closed), row.asked,
  ])));
  for (const row of rows) console.log(`  ${row.name}: ${row.what}`);
  console.log(`resident memory at the end: ${micro(memory / 2 ** 20)} MiB`);
}
