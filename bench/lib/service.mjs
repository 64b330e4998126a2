// SPDX-License-Identifier: Apache-2.0
// What a running server costs and how quickly it answers: start, memory, idle connections.
import { connect } from 'node:net';
import { join } from 'node:path';
import WebSocket from 'ws';
import { binary, startChatelaine } from './chatelaine.mjs';
import { freePort, Process } from './processes.mjs';
import { median, micro, noise, percent, table, thousands } from './statistics.mjs';

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

/* ---- all of it ---- */

export async function benchService(place, prepared, { rounds, sessions }) {
  const starts = [];
  for (let i = 0; i < rounds; i++) starts.push(await startOnce(place, prepared));
  const startMilliseconds = starts.map((one) => one.milliseconds);
  const idleBytes = starts.map((one) => one.bytes);
  const ownBytes = starts.map((one) => one.own);
  const memory = await sessionMemory(place, prepared, sessions);
  const connections = await connectionMemory(place, prepared, Math.min(sessions, 2000));

  console.log('\nThe running server');
  console.log(table(['', 'measured', 'noise', 'goal'], [
    ['start to first answer', `${micro(median(startMilliseconds))} ms`, percent(noise(startMilliseconds)), '50 ms'],
    ['resident memory, idle', `${micro(median(idleBytes) / 2 ** 20)} MiB`, percent(noise(idleBytes)), '12 MB'],
    ['  without the pages of libraries and program', `${micro(median(ownBytes) / 2 ** 20)} MiB`, percent(noise(ownBytes)), ''],
    [`each of ${thousands(sessions)} idle sessions that have spoken`, `${thousands(memory.eachFurther)} bytes`, '', '2,048 bytes'],
    ['  with all that the first ones bring about', `${thousands(memory.each)} bytes`, '', ''],
    [`each of ${thousands(connections.connections)} idle HTTP connections`, `${thousands(connections.eachFurther)} bytes`, '', '512 bytes'],
  ]));
  return { startMilliseconds, idleBytes, ownBytes, memory, connections };
}
