// SPDX-License-Identifier: Apache-2.0
// What idle connections cost: memory of the server for each, and whether those who do ask wait longer while many do not. The clients are raw
// sockets in a process of their own (this file, forked), so that the descriptors of the measuring process are not theirs.
import { fork } from 'node:child_process';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChatelaine } from './chatelaine.mjs';
import { runOn } from './processes.mjs';
import { median, micro, table, thousands } from './statistics.mjs';
import { runWrk, verifyRequest } from './wrk.mjs';

const self = fileURLToPath(import.meta.url);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/* ---- the clients' process ---- */

/** A server takes so many connections from one address; so they come from several (all of 127/8 is this machine). */
const addressOf = (number) => `127.0.${1 + Math.floor(number / 60_000)}.${2 + (Math.floor(number / 400) % 250)}`;

/** A client's text frame, masked by nothing. */
function frame(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** One connection that says what it has to say, hears the end of the answer, and stays: its socket. */
function openOne({ port, tls, session }, number) {
  return new Promise((done, failed) => {
    const options = { host: '127.0.0.1', port, localAddress: addressOf(number) };
    const socket = tls ? connectTls({ ...options, rejectUnauthorized: false }) : connectPlain(options);
    let heard = '';
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(session
      ? `GET ${session} HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
      : 'GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n'));
    let hasSpoken = false;
    const hear = (data) => {
      heard += data.toString('latin1');
      if (session && !hasSpoken && heard.includes('session.started')) {
        hasSpoken = true;
        socket.write(frame(JSON.stringify({ type: 'message.send', id: 'm1', text: 'What are your business hours?' })));
      }
      if (!heard.includes(session ? '"assistant.done"' : '\r\n\r\n')) return;
      socket.off('data', hear);
      heard = '';
      socket.on('data', (data) => {
        if (session && data.length === 2 && data[0] === 0x89) socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0])); // we are there
      });
      done(socket);
    };
    socket.on('data', hear).on('error', failed).on('close', () => failed(new Error(`a client's connection has ended; it had heard ${heard.slice(-300)}`)));
  });
}

async function runClients(task) {
  let open = 0;
  const lane = async () => {
    while (open < task.count) {
      const number = open++;
      const socket = await openOne(task, task.first + number);
      socket.on('close', () => process.send({ closed: true }));
    }
  };
  await Promise.all(Array.from({ length: 32 }, lane));
  process.send({ ready: true });
}

if (process.argv[1] === self && process.send) {
  process.on('disconnect', () => process.exit(0));
  runClients(JSON.parse(process.argv[2])).catch((error) => {
    process.send({ failed: error.stack });
    process.exit(1);
  });
}

/* ---- measuring ---- */

/** So many clients: { closed(): how many the server has let go, stop() }. */
async function startClients(place, task) {
  const child = fork(self, [JSON.stringify(task)], { execPath: 'nice', execArgv: ['-n', '19', 'taskset', '--cpu-list', String(place.cores.load), process.execPath] });
  let closed = 0;
  await new Promise((done, failed) => {
    child.on('message', (message) => {
      if (message.closed) closed++;
      if (message.ready) done();
      if (message.failed) failed(new Error(message.failed));
    });
    child.once('exit', (code) => failed(new Error(`the clients' process ended with ${code}`)));
  });
  return {
    closed: () => closed,
    stop: () => new Promise((done) => {
      child.once('exit', done);
      child.kill('SIGKILL');
    }),
  };
}

const rest = 2000; // ms in which the server gives back what it needed only for the way here

/** Resident bytes of the server for each of `count` connections, beyond an empty server and one that has had a first quarter of them. */
async function memoryOf(place, prepared, what, { count, session, certificate, during }) {
  const args = ['--connections', '20000', ...(certificate ? ['--tls-certificate', certificate.certificate, '--tls-key', certificate.key] : [])];
  const contender = await startChatelaine(place, prepared, { name: `chatelaine-${what}`, args });
  await pause(500);
  const empty = contender.process.residentBytes();
  const before = await during?.(contender);
  const warm = contender.process.residentBytes();
  const quarter = count >> 2;
  const groups = [];
  const steps = [];
  for (const [first, number] of [[0, quarter], [quarter, count - quarter]]) {
    groups.push(await startClients(place, { port: contender.port, tls: certificate !== undefined, session, first, count: number }));
    await pause(rest);
    steps.push(contender.process.residentBytes());
  }
  const meanwhile = await during?.(contender);
  const closed = groups.reduce((sum, group) => sum + group.closed(), 0);
  for (const group of groups) await group.stop();
  await contender.process.stop();
  if (closed > 0) throw new Error(`The server has let ${closed} of ${count} idle connections go.`);
  return { what, count, each: (steps[1] - (during ? warm : empty)) / count, further: (steps[1] - steps[0]) / (count - quarter), before, meanwhile };
}

/** POST /v1/verify with a token seen before: µs. */
async function askRounds(place, prepared, tokens, contender, { rounds, seconds }) {
  const request = verifyRequest(prepared.environments.HS256.secretKey);
  const results = [];
  for (let i = 0; i <= rounds; i++) results.push(await runWrk(place, contender, request, { tokens, first: 0, count: 1, seconds }));
  results.shift();
  const refused = results.reduce((sum, one) => sum + one.refused + one.broken, 0);
  if (refused > 0) throw new Error(`${refused} honest requests were refused.`);
  return { p50: median(results.map((one) => one.p50)), p99: median(results.map((one) => one.p99)), rate: median(results.map((one) => one.requests)) / seconds };
}

async function makeCertificate(place) {
  const certificate = join(place.out, 'idle-certificate.pem');
  const key = join(place.out, 'idle-key.pem');
  await runOn(place.cores.load, 'openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate]);
  return { certificate, key };
}

export async function benchIdle(place, material, prepared, { quick, rounds, seconds }) {
  const count = quick ? 1000 : 15_000;
  const environment = prepared.environments.HS256;
  const session = `/v1/session?product=${environment.product}&key=${environment.key}`;
  const certificate = await makeCertificate(place);
  const during = (contender) => askRounds(place, prepared, material.HS256.good, contender, { rounds, seconds });
  const found = [
    await memoryOf(place, prepared, 'sessions', { count, session }),
    await memoryOf(place, prepared, 'connections', { count }),
    await memoryOf(place, prepared, 'sessions-tls', { count: count / 5, session, certificate }),
    await memoryOf(place, prepared, 'connections-tls', { count: count / 5, certificate }),
  ];
  const asked = await memoryOf(place, prepared, 'asked-meanwhile', { count, session, during });
  const words = { sessions: 'WebSocket sessions that have each spoken once', connections: 'HTTP connections', 'sessions-tls': 'the same sessions over TLS', 'connections-tls': 'the same connections over TLS' };
  const goals = { sessions: '2,048', connections: '512' };
  console.log('\nIdle connections, bytes of server memory each');
  console.log(table(['', 'how many', 'beyond an empty server', 'the last three quarters', 'goal'], found.map((one) => [
    words[one.what], thousands(one.count), thousands(one.each), thousands(one.further), goals[one.what] ?? '',
  ])));
  const ratio = asked.meanwhile.p99 / asked.before.p99;
  console.log(`\nPOST /v1/verify on 64 connections, a token seen before, in µs`);
  console.log(table(['', 'p50', 'p99', 'requests/s'], [
    ['alone', micro(asked.before.p50), micro(asked.before.p99), thousands(asked.before.rate)],
    [`with ${thousands(count)} idle sessions beside`, micro(asked.meanwhile.p50), micro(asked.meanwhile.p99), thousands(asked.meanwhile.rate)],
  ]));
  console.log(`p99 is ${ratio.toFixed(2)} times what it is alone (goal: at most 1.10)`);
  return { memory: found, asked };
}
