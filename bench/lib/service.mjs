// SPDX-License-Identifier: Apache-2.0
// What a running server costs and how quickly it answers: start, memory, idle connections, chat turns.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import WebSocket from 'ws';
import { binary, startChatelaine } from './chatelaine.mjs';
import { freePort, Process } from './processes.mjs';
import { median, micro, noise, percent, percentile, table, thousands } from './statistics.mjs';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const question = 'What are your business hours?';

/** A server takes so many connections from one address; so visitors come from several (all of 127/8 is this machine). */
const addressOf = (visitor) => `127.0.0.${2 + (visitor % 250)}`;

/* ---- start ---- */

function answers(port) {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.write('GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n'));
    socket.once('data', () => socket.destroy(done(true)));
    socket.once('error', () => done(false));
  });
}

async function startOnce(place, prepared) {
  const port = await freePort();
  const begun = performance.now();
  const process = new Process(place.cores.server, binary, ['serve', '--data', prepared.data, '--listen', `127.0.0.1:${port}`, '--threads', '1'], join(place.out, 'start.log'));
  while (!(await answers(port))) if (process.hasEnded) throw new Error(`The server ended at once; see ${process.logFile}`);
  const milliseconds = performance.now() - begun;
  await pause(500);
  const memory = { bytes: process.residentBytes(), own: process.residentBytes('RssAnon') };
  await process.stop();
  return { milliseconds, ...memory };
}

/* ---- visitors ---- */

/** An anonymous visitor on a WebSocket. `say()` gives { accepted, done } in ms since it was sent. */
class Visitor {
  #turn = null;
  #count = 0;

  static async arrive(contender, environment, number) {
    const visitor = new Visitor();
    const url = `ws://127.0.0.1:${contender.port}/v1/session?product=${environment.product}&key=${environment.key}`;
    visitor.socket = new WebSocket(url, { localAddress: addressOf(number), perMessageDeflate: false });
    visitor.socket.on('message', (data) => visitor.#take(JSON.parse(data)));
    visitor.socket.on('close', (code) => visitor.#turn?.failed(new Error(`closed with ${code} in the middle of a turn`)));
    await new Promise((done, failed) => visitor.socket.once('open', done).once('error', failed));
    return visitor;
  }

  #take(frame) {
    const turn = this.#turn;
    if (!turn) return;
    if (frame.type === 'error') turn.failed(new Error(`${frame.code}: ${frame.message}`));
    if (frame.type === 'message.accepted') turn.accepted = performance.now() - turn.begun;
    if (frame.type !== 'assistant.done') return;
    this.#turn = null;
    turn.done({ accepted: turn.accepted, done: performance.now() - turn.begun });
  }

  say(text) {
    return new Promise((done, failed) => {
      this.#turn = { begun: performance.now(), done, failed };
      this.socket.send(JSON.stringify({ type: 'message.send', id: `m${++this.#count}`, text }));
    });
  }

  leave() {
    return new Promise((done) => {
      this.socket.once('close', done);
      this.socket.close();
    });
  }
}

async function arriveAll(contender, environment, first, count) {
  const visitors = [];
  for (let i = first; i < first + count; i += 50) {
    const some = Array.from({ length: Math.min(50, first + count - i) }, (_, j) => Visitor.arrive(contender, environment, i + j));
    visitors.push(...(await Promise.all(some)));
  }
  return visitors;
}

/* ---- memory ---- */

/** Resident bytes for each of the visitors behind the first quarter, whose arrival also pays for what is made once. */
async function sessionMemory(place, prepared, count) {
  const contender = await startChatelaine(place, prepared, { name: 'chatelaine-memory' });
  const environment = prepared.environments.HS256;
  await pause(500);
  const empty = contender.process.residentBytes();
  const quarter = count >> 2;
  const steps = [];
  const visitors = [];
  for (const number of [quarter, count - quarter]) {
    const arrived = await arriveAll(contender, environment, visitors.length, number);
    for (const visitor of arrived) await visitor.say(question);
    visitors.push(...arrived);
    await pause(1500);
    steps.push(contender.process.residentBytes());
  }
  for (const visitor of visitors) visitor.socket.terminate();
  await contender.process.stop();
  return { sessions: count, empty, each: (steps[1] - empty) / count, eachFurther: (steps[1] - steps[0]) / (count - quarter) };
}

/** The same for HTTP connections that have asked once and are kept open. */
async function connectionMemory(place, prepared, count) {
  const contender = await startChatelaine(place, prepared, { name: 'chatelaine-connections' });
  await pause(500);
  const quarter = count >> 2;
  const steps = [];
  const sockets = [];
  const open = (number) => new Promise((done, failed) => {
    const socket = connect({ host: '127.0.0.1', port: contender.port, localAddress: addressOf(number) });
    socket.once('connect', () => socket.write('GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n'));
    socket.once('data', () => done(socket)).once('error', failed);
  });
  for (const number of [quarter, count - quarter]) {
    for (let i = 0; i < number; i++) sockets.push(await open(sockets.length));
    await pause(500);
    steps.push(contender.process.residentBytes());
  }
  for (const socket of sockets) socket.destroy();
  await contender.process.stop();
  return { connections: count, eachFurther: (steps[1] - steps[0]) / (count - quarter) };
}

/* ---- chat turns ---- */

/** What a durable write of 4 KiB costs on the disk of the data directory, in ms, in a file that does not grow: a turn waits
 *  for two commits, one before `message.accepted` and one before `assistant.done`. */
function diskMilliseconds(data) {
  const pages = 100;
  const file = join(data, 'bench-of-the-disk');
  const descriptor = openSync(file, 'w');
  const page = Buffer.alloc(4096, 1);
  const write = (number) => {
    writeSync(descriptor, page, 0, page.length, (number % pages) * page.length);
    fdatasyncSync(descriptor);
  };
  for (let i = 0; i < pages; i++) write(i);
  const values = Array.from({ length: 2 * pages }, (_, i) => {
    const begun = performance.now();
    write(i);
    return performance.now() - begun;
  });
  closeSync(descriptor);
  rmSync(file);
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
}

async function chatTurns(place, prepared, visitorCount, turnsEach) {
  const contender = await startChatelaine(place, prepared, { name: 'chatelaine-chat' });
  const visitors = await arriveAll(contender, prepared.environments.HS256, 0, visitorCount);
  await Promise.all(visitors.map((visitor) => visitor.say(question)));
  const before = contender.process.processorMicroseconds();
  const turns = [];
  await Promise.all(visitors.map(async (visitor) => {
    for (let i = 0; i < turnsEach; i++) turns.push(await visitor.say(question));
  }));
  const microseconds = (contender.process.processorMicroseconds() - before) / turns.length;
  await Promise.all(visitors.map((visitor) => visitor.leave()));
  await contender.process.stop();
  const of = (name) => ({ p50: percentile(turns.map((turn) => turn[name]), 0.5), p99: percentile(turns.map((turn) => turn[name]), 0.99) });
  return { visitors: visitorCount, turns: turns.length, accepted: of('accepted'), done: of('done'), processorMicroseconds: microseconds };
}

/* ---- all of it ---- */

export async function benchService(place, prepared, { rounds, sessions, visitors, turns }) {
  const starts = [];
  for (let i = 0; i < rounds; i++) starts.push(await startOnce(place, prepared));
  const startMilliseconds = starts.map((one) => one.milliseconds);
  const idleBytes = starts.map((one) => one.bytes);
  const ownBytes = starts.map((one) => one.own);
  const memory = await sessionMemory(place, prepared, sessions);
  const connections = await connectionMemory(place, prepared, Math.min(sessions, 2000));
  const disk = diskMilliseconds(prepared.data);
  const chat = [];
  for (const count of [1, visitors]) chat.push(await chatTurns(place, prepared, count, Math.ceil(turns / count)));

  console.log('\nThe running server');
  console.log(table(['', 'measured', 'noise', 'goal'], [
    ['start to first answer', `${micro(median(startMilliseconds))} ms`, percent(noise(startMilliseconds)), '50 ms'],
    ['resident memory, idle', `${micro(median(idleBytes) / 2 ** 20)} MiB`, percent(noise(idleBytes)), '12 MB'],
    ['  without the pages of libraries and program', `${micro(median(ownBytes) / 2 ** 20)} MiB`, percent(noise(ownBytes)), ''],
    [`each of ${thousands(sessions)} idle sessions that have spoken`, `${thousands(memory.eachFurther)} bytes`, '', '2,048 bytes'],
    ['  with all that the first ones bring about', `${thousands(memory.each)} bytes`, '', ''],
    [`each of ${thousands(connections.connections)} idle HTTP connections`, `${thousands(connections.eachFurther)} bytes`, '', '512 bytes'],
  ]));
  console.log(`\nA chat turn with the rule assistant, in ms; one durable write of 4 KiB here: p50 ${micro(disk.p50)}, p99 ${micro(disk.p99)}`);
  console.log(table(['visitors at once', 'accepted p50', 'p99', 'answered p50', 'p99', 'turns/s and core', 'turns'], chat.map((one) => [
    one.visitors, micro(one.accepted.p50), micro(one.accepted.p99), micro(one.done.p50), micro(one.done.p99), thousands(1e6 / one.processorMicroseconds), thousands(one.turns),
  ])));
  return { startMilliseconds, idleBytes, ownBytes, memory, connections, diskMilliseconds: disk, chat };
}
