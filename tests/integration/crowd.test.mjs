// SPDX-License-Identifier: Apache-2.0
// More requests that wait than a thread may have fibers: it says that it is busy, serves what needs none, and recovers.
import assert from 'node:assert/strict';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import { environmentDocument } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';

const waiting = 4200;
const anAddress = 450; // fewer than one address may have

test('when too many requests wait, the next is answered 503, and none of it lasts', { timeout: 120_000 }, async (t) => {
  const server = await startServer(t, { document: environmentDocument(), args: ['--threads', '1'] });
  const head = `POST /v1/chat HTTP/1.1\r\nHost: x\r\nChatelaine-Key: ${server.acme.publishableKey}\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(3000)}`; // fast enough for 20 s
  const sockets = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  let answers = '';
  const open = (i) => new Promise((done, failed) => {
    const socket = connectSocket({ port: server.port, host: '127.0.0.1', localAddress: `127.0.1.${1 + Math.floor(i / anAddress)}` });
    sockets.push(socket);
    socket.setEncoding('latin1').on('data', (text) => (answers += text)).on('error', failed).once('connect', () => socket.write(head, done));
  });
  for (let i = 0; i < waiting; i += 100) await Promise.all(Array.from({ length: 100 }, (_, k) => open(i + k)));

  const ready = await server.fetch('/readyz');
  assert.equal(ready.status, 503);
  assert.equal(ready.headers.get('retry-after'), '2');
  assert.equal((await ready.json()).title, 'unavailable');
  assert.equal((await server.fetch('/healthz')).status, 200, 'what needs no fiber is served');
  assert.match(answers, /^HTTP\/1\.1 503 /, 'so was said to those who came too late');

  sockets.forEach((socket) => socket.destroy());
  for (let i = 0; ; i++) {
    if ((await server.fetch('/readyz')).status === 200) break;
    assert.ok(i < 100, 'it recovers');
    await new Promise((done) => setTimeout(done, 100));
  }
});
