// SPDX-License-Identifier: Apache-2.0
// Every abusive request of http-abuse/ is sent through nginx, HAProxy, Apache and Node, with an honest one right behind it on the same
// connection; and requests over HTTP/2 that no client should send (smuggling-http2.json) through those that speak it. Between front and edge a tap keeps the bytes. However a front reads them, the edge must read the same: as many requests, each with
// the method, target, host and body that the front means, or refuse. A disagreement fails, unless smuggling-explained.json names and explains it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTap } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import * as http2 from './lib/http2-raw.mjs';
import { apache, haproxy, nginx, node } from './lib/fronts.mjs';
import { get, readAnswer, sleep, startHello, Wire } from './lib/wire.mjs';

const folder = new URL('./http-abuse/', import.meta.url);
const explained = JSON.parse(readFileSync(new URL('./smuggling-explained.json', import.meta.url), 'utf8'));
const lanes = 8;
const silence = 200; // ms after which nothing more is expected of a front that waits for the rest of something

const textOf = (raw) => (Array.isArray(raw) ? raw : [raw]).map((piece) => (typeof piece === 'string' ? piece : piece.repeat.repeat(piece.times))).join('');
const corpus = readdirSync(folder).filter((name) => name.endsWith('.json'))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')).map((entry) => ({ name: `${file.replace('.json', '')}: ${entry.name}`, text: textOf(entry.raw) })));
const corpus2 = JSON.parse(readFileSync(new URL('./smuggling-http2.json', import.meta.url), 'utf8')).map((entry) => ({ ...entry, name: `HTTP/2: ${entry.name}` }));

/**
 * A socket of open() once it is connected, from a port that is not among those had before: by its port all sides say which connection they mean,
 * and the system may give one that was closed again within a second (Linux, tcp_tw_reuse; at once after a reset). One that fails to connect is as good.
 */
async function connectAnew(open, had) {
  for (;;) {
    const socket = open();
    await new Promise((done) => socket.once('connect', done).once('error', done));
    if (socket.destroyed || !had.has(socket.localPort)) {
      had.add(socket.localPort);
      return socket;
    }
    socket.destroy();
  }
}

/** Stands between front and edge and keeps what either says: { port, connections: [{ port, sent, answered }], end() }, which waits until the edge has read all. */
async function startTap(t, edge) {
  const connections = [];
  const had = new Set();
  const server = createTap(async (front) => {
    const one = { sent: [], answered: [] };
    connections.push(one);
    front.pause().on('error', () => {});
    const back = await connectAnew(() => connect({ port: edge, host: '127.0.0.1' }), had);
    one.port = back.localPort;
    front.on('data', (data) => one.sent.push(data)).pipe(back);
    back.on('data', (data) => one.answered.push(data)).pipe(front);
    // A front that goes away takes back nothing of what it has sent: the edge reads it to its end, and only then closes.
    one.end = () => back.unpipe(front).resume().end();
    if (front.destroyed) one.end();
    front.on('close', one.end);
    one.closed = new Promise((done) => back.on('error', () => {}).on('close', () => done(front.destroySoon())));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const end = () => Promise.all(connections.map((one) => one.end?.() && one.closed));
  return { port: server.address().port, connections, end };
}

async function wireAnew(port, had) {
  let connection;
  await connectAnew(() => (connection = new Wire(port)).socket, had);
  return connection;
}

/** Sends a case and an honest request behind it; gives the client's port, by which fronts say whose request it is. */
async function attack(front, text, marker, had) {
  const connection = await wireAnew(front.port, had);
  await connection.send(text + get(marker));
  return finish(connection, marker);
}

/** Until the honest answer is there, the front has closed, or is silent; gives the client's port. */
async function finish(connection, marker) {
  const { localPort } = connection.socket;
  let heard = -1;
  let since = Date.now();
  while (!connection.ended && Date.now() - since < silence && !connection.received.includes(marker)) {
    if (connection.received.length !== heard) {
      heard = connection.received.length;
      since = Date.now();
    }
    await sleep(5);
  }
  connection.close();
  return localPort;
}

/** The same over HTTP/2, on another stream each. */
async function attack2(front, { fields, data, trailers }, marker, had) {
  const connection = await wireAnew(front.port2, had);
  const honest = [[':method', 'GET'], [':scheme', 'http'], [':path', marker], [':authority', 'localhost']];
  await connection.send(Buffer.concat([http2.preface, http2.request(1, fields, data, trailers), http2.request(3, honest)]).toString('latin1'));
  return finish(connection, marker);
}

/** The edge's own words, by the port of the connection it has read from: [{ method, target, host, id, body }]. */
function readRecords(stdout) {
  const unhex = (text) => (text === '-' ? '' : Buffer.from(text, 'hex').toString('latin1'));
  const byPort = new Map();
  for (const line of stdout.split('\n')) {
    const [what, port, ...texts] = line.split(' ');
    if (what === 'begin') {
      const [method, target, host, id] = texts.map(unhex);
      if (!byPort.has(port)) byPort.set(port, []);
      byPort.get(port).push({ method, target, host, id, body: null });
    } else if (what === 'end') byPort.get(port).at(-1).body = unhex(texts[0]);
  }
  return byPort;
}

/** What the front meant, by the headers that it has put into each head. */
function readFront(sent) {
  const heads = [...sent.matchAll(/\r\nx-front-id: ([^\r\n]*)\r\n/gi)];
  return heads.map((match, i) => {
    const begin = sent.lastIndexOf('\r\n\r\n', match.index) < (heads[i - 1]?.index ?? 0) ? (i === 0 ? 0 : heads[i - 1].index) : sent.lastIndexOf('\r\n\r\n', match.index);
    const end = sent.indexOf('\r\n\r\n', match.index);
    const head = sent.slice(begin, end < 0 ? undefined : end + 2);
    const field = (name) => new RegExp(`\r\n${name}: ?([^\r\n]*)\r\n`, 'i').exec(head)?.[1];
    return { id: match[1], method: field('x-front-method'), target: field('x-front-target'), host: field('x-front-host'), whole: end >= 0 };
  });
}

/** The bodies as a third reader, Node's parser, takes them off the same bytes, until it sees something it refuses. */
async function readBodies(sent) {
  const bodies = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text) => (body += text)).on('end', () => {
      bodies.push(body);
      response.end();
    });
  });
  server.on('clientError', (error, socket) => socket.destroy());
  const pipe = new Duplex({ read() {}, write: (chunk, encoding, done) => done() });
  server.emit('connection', pipe);
  pipe.push(Buffer.from(sent, 'latin1'));
  await new Promise((done) => setImmediate(() => setImmediate(done)));
  pipe.push(null);
  await sleep(5);
  pipe.destroy();
  return bodies;
}

/** Path and query, without scheme and authority, path decoded: what fronts that write targets anew keep. */
function comparable(target) {
  const [path, ...query] = target.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (all, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return [decoded === '' ? '/' : decoded, ...query].join('?').replace(/\?$/, '');
}

/** Final answers of the edge on a connection: how many, and whether the last refuses. */
function readAnswers(answered, requests) {
  const statuses = [];
  let rest = answered;
  for (let i = 0; rest !== ''; i++) {
    const answer = readAnswer(rest, { head: requests[statuses.length]?.method === 'HEAD', ended: true });
    if (!answer) break;
    if (answer.status !== 100) statuses.push(answer.status);
    rest = rest.slice(answer.length);
  }
  return statuses;
}

/** How front and edge differ on one connection between them. */
async function compare(connection, ours) {
  const sent = Buffer.concat(connection.sent).toString('latin1');
  const front = readFront(sent);
  const answers = readAnswers(Buffer.concat(connection.answered).toString('latin1'), ours);
  const faults = [];
  const fault = (i, what) => faults.push({ client: front[Math.min(i, front.length - 1)]?.id.split('/').at(-1), what, sent });
  const refused = answers.length > 0 && answers.at(-1) >= 400;
  for (const [i, request] of ours.entries()) {
    const meant = front[i];
    if (!meant || request.id !== meant.id) fault(i, `the edge has read a request that the front does not know: ${request.method} ${request.target}`);
    else {
      if (request.method !== meant.method) fault(i, `method ${meant.method} was read as ${request.method}`);
      if (comparable(request.target) !== comparable(meant.target)) fault(i, `target ${meant.target} was read as ${request.target}`);
      if (request.host.toLowerCase() !== (meant.host ?? '').toLowerCase() && request.host.replace(/:\d+$/, '').toLowerCase() !== meant.host?.toLowerCase()) fault(i, `host ${meant.host} was read as ${request.host}`);
    }
  }
  const missing = front.length - ours.length;
  if (missing > 1 || (missing === 1 && front.at(-1).whole && !refused)) fault(ours.length, `the front has sent ${front.length} requests, the edge has read ${ours.length}`);
  if (ours.slice(0, -1).some((request) => request.body === null)) fault(ours.findIndex((request) => request.body === null), 'a request before the last has no whole body');
  if (answers.length > front.length) fault(front.length - 1, `${front.length} requests of the front have ${answers.length} answers: ${answers.slice(-3)}`);
  for (const [i, body] of (await readBodies(sent)).entries())
    if (ours[i]?.body !== undefined && ours[i].body !== null && ours[i].body !== body) fault(i, `the body ${JSON.stringify(body.slice(0, 60))} was read as ${JSON.stringify(ours[i].body.slice(0, 60))}`);
  return { faults, requests: ours.length, refused: refused ? 1 : 0 };
}

/** Drives all cases through a front: what was read, and how front and edge differ. */
async function drive(t, startFront, cases) {
  const edge = await startHello(t, '--record', '--per-address', '5000');
  const tap = await startTap(t, edge.port);
  const front = await startFront(t, tap.port);
  const caseOf = new Map();
  const had = new Set();
  const queue = cases.map((entry, i) => ({ ...entry, marker: `/honest-${i}` }));
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) caseOf.set(String(await (entry.fields ? attack2(front, entry, entry.marker, had) : attack(front, entry.text, entry.marker, had))), entry.name);
  }));
  await sleep(300); // what a front still does after its client has gone
  await tap.end();
  const records = readRecords(edge.stdout);
  let requests = 0;
  let refused = 0;
  const faults = [];
  for (const connection of tap.connections) {
    const found = await compare(connection, records.get(String(connection.port)) ?? []);
    requests += found.requests;
    refused += found.refused;
    faults.push(...found.faults.map((fault) => ({ ...fault, name: caseOf.get(fault.client) ?? 'unknown' })));
  }
  return { requests, refused, faults, connections: tap.connections.length };
}

async function differ(t, name, startFront, cases) {
  const { requests, refused, faults, connections } = await drive(t, startFront, cases);
  t.diagnostic(`${name}: ${cases.length} cases; the edge has read ${requests} requests on ${connections} connections and refused ${refused}`);
  assert.ok(requests > cases.length / 4, 'honest requests have come through');
  const isExplained = (fault) => explained.some((one) => one.fronts.includes(name) && one.name === fault.name);
  for (const fault of faults.filter(isExplained)) t.diagnostic(`explained: ${name}: ${fault.name}: ${fault.what}`);
  const unexplained = faults.filter((fault) => !isExplained(fault));
  assert.deepEqual(unexplained.map((fault) => `${fault.name}: ${fault.what}\n${JSON.stringify(fault.sent.slice(0, 600))}`), []);
}

const fronts = {
  nginx,
  'nginx-unbuffered': (t, backend) => nginx(t, backend, 'proxy_request_buffering off;'),
  haproxy,
  apache,
  node,
};
const chosen = process.env.FRONTS?.split(',') ?? Object.keys(fronts);

test('front and edge read every request alike', { concurrency: 2 }, async (t) => {
  await Promise.all(chosen.map((name) => t.test(name, (t) => differ(t, name, fronts[name], corpus))));
});

test('front and edge read every request alike that came over HTTP/2', { concurrency: 2 }, async (t) => {
  const able = chosen.filter((name) => name !== 'node');
  await Promise.all(able.map((name) => t.test(name, (t) => differ(t, name, fronts[name], corpus2))));
});

/** Takes whatever stands before the first empty line for a request, and all behind it for its body. */
async function blind(t, backend) {
  const server = createTap((client) => {
    const back = connect({ port: backend, host: '127.0.0.1' });
    client.once('data', (data) => {
      const [line] = data.toString('latin1').split('\r\n');
      const [method, target] = line.split(' ');
      back.write(`${line}\r\nX-Front-Id: blind/${client.remotePort}\r\nX-Front-Method: ${method}\r\nX-Front-Target: ${target}\r\nX-Front-Host: localhost`);
      back.write(data.subarray(line.length));
      client.pipe(back).pipe(client);
    });
    for (const [socket, other] of [[client, back], [back, client]]) socket.on('error', () => other.destroy()).on('close', () => other.destroySoon());
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return { port: server.address().port };
}

test('a front that reads otherwise is found out', async (t) => {
  const { faults } = await drive(t, blind, corpus.filter(({ name }) => name.startsWith('desync: CL.0')));
  assert.match(faults.map(({ what }) => what).join(), /the edge has read a request that the front does not know: GET \/honest/);
});

test('who pauses inside a body gains nothing (pause-based desync), nor does who goes on after an early answer', async (t) => {
  const server = await startHello(t, '--rate-window', '500');
  const smuggled = get('/inspect?smuggled');
  const head = (path, more = '') => `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${more}Content-Length: ${smuggled.length}\r\n\r\n`;
  for (const [name, path, more, status] of [
    ['a body that is read', '/echo', '', 408],
    ['a body that nobody reads, answered early', '/', '', 200],
    ['a body that is announced and not asked for', '/', 'Expect: 100-continue\r\n', 200],
    ['an upgrade that is refused', '/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', 200],
  ])
    await t.test(`${name}: what comes behind the pause is no request`, async () => {
      const connection = new Wire(server.port);
      await connection.send(head(path, more));
      assert.equal((await connection.answer()).status, status);
      await connection.end();
      await connection.send(smuggled);
      await sleep(100);
      assert.equal(connection.received, '', 'nothing more is answered');
      connection.close();
    });
  await t.test('in time it is the body, and the next is the next', async () => {
    const connection = new Wire(server.port);
    await connection.send(head('/'));
    assert.equal((await connection.answer()).status, 200);
    await connection.send(smuggled + get('/none'));
    assert.equal((await connection.answer()).status, 204);
    connection.close();
  });
});
