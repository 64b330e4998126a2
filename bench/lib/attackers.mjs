// SPDX-License-Identifier: Apache-2.0
// What attackers do to a server, on raw sockets, each from many addresses (all of 127/8 is this machine). In a process of its own where this file
// is forked: `startAttack()`. Nothing here waits for the server to be kind: whatever is closed is opened anew.
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Fewer than the server takes from one address. */
const addressOf = (number) => `127.1.${Math.floor(number / 400 / 250) % 250}.${1 + (Math.floor(number / 400) % 250)}`;

/* ---- WebSocket frames, masked by nothing ---- */

const head = (first, length) => {
  if (length < 126) return Buffer.from([first, 0x80 | length, 0, 0, 0, 0]);
  if (length < 65536) return Buffer.from([first, 0xfe, length >> 8, length & 255, 0, 0, 0, 0]);
  const long = Buffer.alloc(14);
  long[0] = first;
  long[1] = 0xff;
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
};
const frame = (first, text) => Buffer.concat([head(first, text.length), Buffer.from(text)]);
const repeat = (buffer, times) => Buffer.concat(Array.from({ length: times }, () => buffer));
const upgrade = (target) =>
  `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

/** Until one of these happens to the socket. */
const event = (socket, ...names) => new Promise((done) => {
  const end = () => {
    for (const name of names) socket.off(name, end);
    done();
  };
  for (const name of names) socket.once(name, end);
});

/** Writes as fast as the socket takes it, for as long as it lives. */
async function pour(socket, piece) {
  while (!socket.destroyed) {
    if (!socket.write(piece)) await event(socket, 'drain', 'close');
    await pause(0);
  }
}

/** A message of many frames of one byte each, then the next one. */
const oneByteFrames = Buffer.concat([frame(0x01, 'x'), repeat(frame(0x00, 'x'), 900), frame(0x80, 'x')]);

/** Each: how many at once, and what one of them does on a fresh connection until that is closed. */
export const attacks = {
  'slow-heads': { what: 'heads that come a byte a second (slow loris)', at: 2000, async run(socket) {
    for (const letter of `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(1000)}`) {
      if (socket.destroyed) return;
      socket.write(letter);
      await pause(1000);
    }
  } },
  'slow-bodies': { what: 'bodies that come a byte a second', at: 2000, async run(socket, { path, headers }) {
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: 50000\r\n\r\n`);
    while (!socket.destroyed) {
      socket.write('x');
      await pause(1000);
    }
  } },
  'slow-readers': { what: 'clients that ask for the largest answer and never read', at: 500, paused: true, async run(socket, { large }) {
    await pour(socket, `GET ${large} HTTP/1.1\r\nHost: a\r\n\r\n`);
  } },
  silent: { what: 'connections that send nothing', at: 10_000, async run(socket) {
    await event(socket, 'close');
  } },
  oversize: { what: 'heads, targets and bodies of megabytes', at: 16, async run(socket, { path, headers }, number) {
    socket.write([
      'GET / HTTP/1.1\r\nHost: a\r\nX-A: ', `GET /${'a'.repeat(1000)}`, `POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: 99999999\r\n\r\n`,
      `POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}Transfer-Encoding: chunked\r\n\r\n5f5e0ff\r\n`, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    ][number % 5]);
    await pour(socket, Buffer.alloc(65536, 'x'));
  } },
  'large-messages': { what: 'WebSocket messages of 16 MiB', at: 16, session: true, async run(socket) {
    socket.write(head(0x81, 16 << 20));
    await pour(socket, Buffer.alloc(65536, 'x'));
  } },
  fragments: { what: 'WebSocket messages without an end, in small fragments', at: 16, session: true, async run(socket) {
    socket.write(frame(0x01, 'x'));
    await pour(socket, repeat(frame(0x00, 'x'), 4000));
  } },
  'one-byte-frames': { what: 'WebSocket messages in frames of one byte', at: 16, session: true, async run(socket) {
    await pour(socket, oneByteFrames);
  } },
  'control-frames': { what: 'WebSocket pings without end', at: 16, session: true, async run(socket) {
    await pour(socket, repeat(frame(0x89, 'x'.repeat(125)), 100));
  } },
  'close-frames': { what: 'WebSockets that close at once, again and again', at: 16, session: true, async run(socket) {
    await pour(socket, repeat(frame(0x88, '\x03\xe8'), 100));
  } },
  garbage: { what: 'what is no HTTP at all, on a new connection each time', at: 16, async run(socket) {
    socket.write(Buffer.alloc(2000, 0x16));
    await event(socket, 'close');
  } },
  'unknown-kids': { what: 'tokens with keys that nobody knows', at: 16, async run(socket, { path, headers, forge }) {
    for (let i = 0; !socket.destroyed; i++) {
      const body = JSON.stringify({ token: forge(`${process.pid}-${i}-${Math.random()}`) });
      socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      await event(socket, 'data', 'close');
    }
  } },
};

/** A token whose `kid` is new. The rest is what the issuer would say; the signature can't be right. */
const forger = (claims) => (kid) =>
  [{ alg: 'RS256', typ: 'JWT', kid }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + `.${'A'.repeat(342)}`;

/** Attacks for as long as this process lives: { opened, closed } counts. */
export function attack(name, target, counts = { opened: 0, closed: 0, now: 0 }) {
  const { at, run, session, paused } = attacks[name];
  const task = { ...target, forge: target.claims && forger(target.claims) };
  const sockets = new Set();
  let stopped = false;
  const one = (number) => new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port: target.port, localAddress: addressOf(number) });
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => {
      sockets.delete(socket);
      counts.closed++;
      counts.now = sockets.size;
      done();
    });
    if (paused) socket.pause();
    else socket.on('data', () => {});
    socket.once('connect', async () => {
      counts.opened++;
      counts.now = sockets.size;
      if (session) {
        socket.write(upgrade(target.session));
        await event(socket, 'data', 'close');
      }
      await run(socket, task, number);
    });
  });
  const lane = async (number) => {
    while (!stopped) {
      await one(number);
      await pause(target.again ?? 50); // whoever is thrown out comes again
    }
  };
  const count = Math.min(at, target.most ?? at);
  const begin = async () => {
    for (let i = 0; i < count && !stopped; i++) {
      lane(i);
      if (i % 100 === 99) await pause(20);
    }
  };
  begin();
  return { counts, stop() {
    stopped = true;
    for (const socket of sockets) socket.destroy();
  } };
}

if (process.argv[1] === self && process.send) {
  process.on('disconnect', () => process.exit(0));
  const [name, target] = JSON.parse(process.argv[2]);
  const { counts } = attack(name, target);
  process.on('message', () => process.send(counts));
}

/** The same in a process of its own: { counts(), stop() }. `prefix`: by which command Node is started, e.g. taskset or nice. */
export function startAttack(name, target, { prefix = [] } = {}) {
  const [program, ...args] = [...prefix, process.execPath];
  const child = fork(self, [JSON.stringify([name, target])], { execPath: program, execArgv: args });
  return {
    counts: () => new Promise((done) => {
      child.once('message', done);
      child.send('counts');
    }),
    stop: () => new Promise((done) => {
      child.once('exit', done);
      child.kill('SIGKILL');
    }),
  };
}
