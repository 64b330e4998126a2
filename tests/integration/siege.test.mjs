// SPDX-License-Identifier: Apache-2.0
// Under siege: attackers do what they like, and an honest client beside them is served as if they were not there. Only what happens is asserted
// here, not how fast; `bench/run.sh siege` measures it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import WebSocket from 'ws';
import { attack, attacks } from '../../bench/lib/attackers.mjs';
import { environmentDocument, keySetIssuer } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, makeKey, serveJson } from './lib/tokens.mjs';
import { get, makeCertificate, readAnswer, sleep, startHello, until, wire } from './lib/wire.mjs';

const mebibyte = 1 << 20;

/** A head, then `size` bytes, all written before anything is read, as a client that is not in a hurry to listen does. Gives what it hears. */
function writeAll(t, socket, head, size) {
  let heard = '';
  let error = null;
  t.after(() => socket.destroy());
  socket.pause();
  const piece = Buffer.alloc(64 * 1024, 'x');
  return new Promise((done) => {
    let left = size;
    const write = () => {
      while (left > 0 && !socket.destroyed) {
        left -= piece.length;
        if (!socket.write(piece)) return socket.once('drain', write);
      }
      socket.setEncoding('latin1').resume();
    };
    socket.on('data', (text) => (heard += text)).on('error', (what) => (error = what)).on('close', () => done({ heard, error, left }));
    socket.write(head);
    write();
  });
}

test('the last words of a server that refuses are heard, whatever was still on its way', { timeout: 60_000 }, async (t) => {
  const pair = await makeCertificate(t, 'localhost');
  const plain = await startHello(t);
  const secure = await startHello(t, '--certificate', pair.certificate, '--key', pair.key);
  const kinds = {
    plain: { port: plain.port, scheme: 'ws', open: () => connectSocket({ port: plain.port, host: '127.0.0.1' }) },
    TLS: { port: secure.port, scheme: 'wss', open: () => connectTls({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false }) },
  };
  for (const [kind, { port, scheme, open }] of Object.entries(kinds)) {
    await t.test(`${kind}: a WebSocket message of megabytes is closed with 1009`, async () => {
      for (let i = 0; i < 10; i++) {
        const socket = new WebSocket(`${scheme}://127.0.0.1:${port}/websocket`, { rejectUnauthorized: false, perMessageDeflate: false });
        await once(socket, 'open');
        const closed = once(socket, 'close');
        socket.on('error', () => {});
        socket.send('x'.repeat(12 * mebibyte));
        assert.equal((await closed)[0], 1009);
      }
    });
    for (const [name, status, head] of [
      ['a body too large, announced', 413, 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 12582912\r\n\r\n'],
      ['a chunk too large', 413, 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nc00000\r\n'],
      ['a broken chunk', 400, 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
      ['two hosts', 400, 'POST /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 12582912\r\n\r\n'],
      ['a head too large', 431, 'GET / HTTP/1.1\r\nHost: a\r\nX-A: '],
      ['a body that no route wants', 404, 'POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 12582912\r\n\r\n'],
    ])
      await t.test(`${kind}: ${name}, and megabytes behind it: ${status}`, async (t) => {
        const { heard, left } = await writeAll(t, open(), head, 12 * mebibyte);
        assert.equal(readAnswer(heard, { ended: true })?.status, status);
        assert.equal(left, 0, 'all could be written');
      });
  }
});

test('that patience has an end', { timeout: 60_000 }, async (t) => {
  const server = await startHello(t);
  const endless = await writeAll(t, connectSocket({ port: server.port, host: '127.0.0.1' }), 'POST /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 200 * mebibyte);
  assert.ok(endless.left > 0, 'who sends without end is cut off');
  const silent = wire(t, server.port);
  await silent.send('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
  await silent.answer();
  const drip = wire(t, server.port);
  await drip.send('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
  const dripping = setInterval(() => drip.send('x'), 200);
  t.after(() => clearInterval(dripping));
  await until(async () => (await server.metrics()).open <= 2, { within: 5000, what: 'the end of who says nothing' });
  await until(async () => (await server.metrics()).open <= 1, { within: 15_000, what: 'the end of who drips' });
});

/* ---- attackers beside an honest client ---- */

/** chatelaine with an environment whose keys come from a provider, and an honest client with a token that is known. */
async function startTown(t, args = []) {
  const key = await makeKey('RS256');
  const provider = await serveJson(t, { keys: [key.publicJwk] });
  const server = await startServer(t, { document: environmentDocument({ issuers: [keySetIssuer(provider.url)] }), args: ['--threads', '1', '--allow-private-egress', ...args] });
  const secretKey = await server.newSecretKey();
  await server.settled();
  const token = await key.sign(ada());
  const body = JSON.stringify({ token });
  const headers = `Authorization: Bearer ${secretKey}\r\n`;
  const request = `POST /v1/verify HTTP/1.1\r\nHost: a\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  /** For so long, on a connection that is kept and on new ones: every request is answered, and rightly. */
  const live = async (t, ms) => {
    const kept = wire(t, server.port);
    const end = Date.now() + ms;
    for (let i = 0; i < 10 || Date.now() < end; i++) {
      const connection = i % 3 === 0 ? wire(t, server.port) : kept;
      await connection.send(request);
      const answer = await connection.answer({ within: 8000 });
      assert.equal(answer.status, 200, answer.body);
      assert.match(answer.body, /"sub": ?"customer-ada"/);
      if (connection !== kept) connection.close();
      await sleep(10);
    }
    kept.close();
  };
  await live(t, 0);
  const target = { port: server.port, path: '/v1/verify', headers, large: '/healthz', session: `/v1/session?key=${server.acme.publishableKey}`,
    claims: { ...ada(), exp: Math.floor(Date.now() / 1000) + 3000 } };
  return { server, provider, key, live, target };
}

const metric = async (server, name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await server.fetch('/metrics')).text())?.[1]);

test('an honest client beside attackers is served', { timeout: 120_000 }, async (t) => {
  const town = await startTown(t);
  for (const [name, { what }] of Object.entries(attacks)) {
    await t.test(`${name}: ${what}`, async (t) => {
      const { counts, stop } = attack(name, { ...town.target, most: name === 'silent' ? 2000 : 200 });
      t.after(stop);
      await until(() => counts.opened >= 16, { what: 'the attack' });
      await town.live(t, 1200);
      if (['large-messages', 'fragments', 'control-frames', 'close-frames', 'garbage', 'oversize'].includes(name))
        await until(() => counts.closed >= 16, { what: 'the end of connections that break the rules' });
      stop();
      await town.live(t, 100);
    });
  }
  await until(async () => (await metric(town.server, 'chatelaine_connections_open')) < 10, { within: 15_000, what: 'the end of what attackers have opened' });
});

test('a flood of unknown keys asks the provider once in ten seconds, and known tokens go on, whatever the provider does', { timeout: 60_000 }, async (t) => {
  const town = await startTown(t);
  const flood = attack('unknown-kids', town.target);
  t.after(flood.stop);
  await until(() => flood.counts.opened >= 16);
  const asked = town.provider.requests;
  const begun = Date.now();
  await town.live(t, 2500);
  for (const [what, answer] of [
    ['is broken', (request, response) => response.writeHead(500).end()],
    ['serves garbage', (request, response) => response.end('{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"},'.repeat(1000))],
    ['serves no keys', { keys: [] }],
    ['never answers', () => {}],
    ['answers a byte a second', (request, response) => response.writeHead(200, { 'Content-Length': 1000 }).write('{')],
    ['is gone', (request) => request.socket.destroy()],
  ]) {
    await t.test(`the provider ${what}`, async (t) => {
      town.provider.answer = answer;
      await town.live(t, 1700);
    });
  }
  const windows = Math.ceil((Date.now() - begun) / 10_000) + 1;
  assert.ok(town.provider.requests - asked <= windows, `${town.provider.requests - asked} requests in ${Date.now() - begun} ms`);
});

test('when all connections are taken: idle ones go first, then 503 with Retry-After', { timeout: 30_000 }, async (t) => {
  const server = await startServer(t, { document: environmentDocument(), args: ['--threads', '1', '--connections', '40'] });
  const idle = [];
  for (let i = 0; i < 30; i++) {
    idle.push(wire(t, server.port));
    await idle.at(-1).send(get('/healthz'));
    assert.equal((await idle.at(-1).answer()).status, 200);
  }
  const sockets = [];
  for (let i = 0; i < 40; i++) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/session?key=${server.acme.publishableKey}`);
    t.after(() => socket.terminate());
    socket.on('error', () => {});
    await once(socket, 'open');
    sockets.push(socket);
  }
  await Promise.all(idle.map((connection) => connection.end()));
  const refused = wire(t, server.port);
  await refused.send(get('/healthz'));
  const answer = await refused.answer();
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  assert.equal(sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length, 40, 'who talks stays');
  sockets[0].close();
  await once(sockets[0], 'close');
  await until(async () => {
    const again = wire(t, server.port);
    await again.send(get('/healthz'));
    const { status } = await again.answer();
    again.close();
    return status === 200;
  });
});

test('who has been served stays when silence and slow heads take up all the room', { timeout: 30_000 }, async (t) => {
  for (const [what, words, ms] of [['silence', '', 1300], ['slow heads', 'GET / HT', 3400]])
    await t.test(what, async (t) => {
      const server = await startHello(t, '--connections', '50');
      const kept = wire(t, server.port);
      await kept.send(get('/'));
      await kept.answer();
      const crowd = Array.from({ length: 49 }, () => wire(t, server.port));
      for (const connection of crowd) await connection.send(words);
      await sleep(ms);
      for (let i = 0; i < 20; i++) {
        const fresh = wire(t, server.port);
        await fresh.send(get('/slow?ms=500'));
        assert.equal((await fresh.answer()).status, 200);
      }
      await kept.send(get('/'));
      assert.equal((await kept.answer()).status, 200);
    });
});
