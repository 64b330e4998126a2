// SPDX-License-Identifier: Apache-2.0
// Under siege: attackers do what they like, and an honest client beside them is served as if they were not there. Only what happens is asserted
// here, not how fast; `bench/run.sh siege` measures it.
import assert from 'node:assert/strict';

import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import WebSocket from 'ws';

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
