// SPDX-License-Identifier: Apache-2.0
// WebSocket against the small server: npm ws and Debian's Autobahn as clients, and raw frames for what no client would send.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { execute, get, makeCertificate, residentMemory, sleep, startHello, until, wire } from './lib/wire.mjs';

const handshake = (fields = '', path = '/websocket') =>
  get(path, `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${fields}`);

/** A client's frame, masked. `first` is its first byte. */
function frame(first, payload) {
  const bytes = Buffer.from(payload, 'latin1');
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  const length = bytes.length < 126 ? [0x80 | bytes.length] : bytes.length < 65536 ? [0xfe, bytes.length >> 8, bytes.length & 255] : [0xff, 0, 0, 0, 0, bytes.length >>> 24, (bytes.length >> 16) & 255, (bytes.length >> 8) & 255, bytes.length & 255];
  return Buffer.from([first, ...length, ...mask, ...bytes.map((byte, i) => byte ^ mask[i % 4])]).toString('latin1');
}

/** The server's frames in `bytes`: [{ opcode, payload }], and where they end. */
function frames(bytes) {
  const found = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    let length = bytes.charCodeAt(at + 1);
    assert.ok(length < 128, 'a server does not mask');
    let head = 2;
    const extra = length === 126 ? 2 : length === 127 ? 8 : 0;
    if (extra > 0) {
      length = 0;
      for (let i = 0; i < extra; i++) length = length * 256 + bytes.charCodeAt(at + 2 + i);
      head += extra;
    }
    if (at + head + length > bytes.length) break;
    found.push({ opcode: bytes.charCodeAt(at) & 15, payload: bytes.slice(at + head, at + head + length) });
    at += head + length;
  }
  return found;
}

async function open(t, port, fields, path) {
  const w = wire(t, port);
  await w.send(handshake(fields, path));
  const answer = await w.answer();
  assert.equal(answer.status, 101);
  return { w, answer };
}

const closeCode = (w) => {
  const close = frames(w.received).find(({ opcode }) => opcode === 8);
  return close && (close.payload.length === 0 ? 1005 : close.payload.charCodeAt(0) * 256 + close.payload.charCodeAt(1));
};

async function assertClosedWith(t, port, bytes, code) {
  const { w } = await open(t, port);
  await w.send(bytes);
  await until(() => closeCode(w) !== undefined, { what: `a close frame (got ${JSON.stringify(w.received)})` });
  assert.equal(closeCode(w), code);
  await w.end();
}

test('the handshake, to the letter of RFC 6455 section 4.2', async (t) => {
  const { port } = await startHello(t);
  const refused = async (request, status) => {
    const w = wire(t, port);
    await w.send(request);
    const answer = await w.answer();
    assert.equal(answer.status, status);
    return answer;
  };
  const { answer } = await open(t, port);
  assert.equal(answer.headers.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  assert.equal(answer.headers.get('upgrade').toLowerCase(), 'websocket');
  assert.equal(answer.headers.get('connection').toLowerCase(), 'upgrade');
  assert.equal(answer.headers.get('sec-websocket-extensions'), undefined);
  const chosen = await open(t, port, 'Sec-WebSocket-Protocol: other, echo\r\n');
  assert.equal(chosen.answer.headers.get('sec-websocket-protocol'), 'echo');
  await open(t, port, 'Sec-WebSocket-Extensions: permessage-deflate\r\n');
  await open(t, port, '', '/websocket-in-fiber');
  const upgrade = await refused(get('/websocket'), 426);
  assert.equal(upgrade.headers.get('upgrade'), 'websocket');
  assert.match(upgrade.headers.get('connection'), /upgrade/);
  const version = await refused(handshake().replace(': 13', ': 8'), 426);
  assert.equal(version.headers.get('sec-websocket-version'), '13');
  await refused(handshake().replace('dGhlIHNhbXBsZSBub25jZQ==', 'c2hvcnQ='), 400);
  await refused(handshake().replace('dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZR=='), 400);
  await refused(handshake().replace(/Sec-WebSocket-Key.*\r\n/, ''), 400);
  await refused(handshake('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'), 400);
  await refused(handshake().replace('Connection: Upgrade', 'Connection: keep-alive'), 426);
  await refused(handshake().replace('GET', 'POST'), 405);
  await refused(handshake().replace('HTTP/1.1', 'HTTP/1.0'), 400);
  await refused(handshake('Content-Length: 1\r\n'), 400);
});

test('frames, to the letter of RFC 6455 section 5', async (t) => {
  const server = await startHello(t);
  const { port } = server;

  await t.test('a message in every way that it may be cut', async (t) => {
    const { w } = await open(t, port);
    const expected = [];
    const say = async (bytes, text) => {
      expected.push(text);
      await w.send(bytes);
    };
    await say(frame(0x81, 'hello'), 'hello');
    await say(frame(0x81, ''), '');
    await say(frame(0x01, 'hel') + frame(0x00, '') + frame(0x80, 'lo'), 'hello');
    await say(frame(0x01, '\xe2') + frame(0x00, '\x82') + frame(0x80, '\xac'), '\xe2\x82\xac');
    await say(frame(0x81, 'x'.repeat(126)), 'x'.repeat(126));
    await say(frame(0x81, 'x'.repeat(65535)), 'x'.repeat(65535));
    await say(frame(0x81, 'x'.repeat(65536)), 'x'.repeat(65536));
    for (const byte of frame(0x81, 'byte by byte')) await w.send(byte);
    expected.push('byte by byte');
    await say(Array.from({ length: 200 }, (_, i) => frame(0x81, `${i}`)).join(''), '0');
    for (let i = 1; i < 200; i++) expected.push(`${i}`);
    await until(() => frames(w.received).length === expected.length);
    assert.deepEqual(frames(w.received).map(({ payload }) => payload), expected);
  });

  await t.test('frames right behind the handshake, before its answer', async (t) => {
    for (const path of ['/websocket', '/websocket-in-fiber']) {
      const w = wire(t, port);
      await w.send(handshake('', path) + frame(0x81, 'early'));
      await w.answer();
      await until(() => frames(w.received).length === 1);
      assert.equal(frames(w.received)[0].payload, 'early');
    }
  });

  await t.test('control frames in between are answered at once', async (t) => {
    const { w } = await open(t, port);
    await w.send(frame(0x01, 'a') + frame(0x89, 'ping') + frame(0x8a, 'pong nobody asked for'));
    await until(() => frames(w.received).length === 1);
    assert.deepEqual(frames(w.received), [{ opcode: 10, payload: 'ping' }]);
    await w.send(frame(0x80, 'b'));
    await until(() => frames(w.received).length === 2);
    assert.equal(frames(w.received)[1].payload, 'ab');
  });

  await t.test('the closing handshake', async (t) => {
    for (const [payload, code] of [['\x03\xe8bye', 1000], ['', 1005], ['\x0f\xa0', 4000], ['\x0b\xb8', 3000]]) {
      await assertClosedWith(t, port, frame(0x88, payload) + frame(0x81, 'too late'), code);
      await until(async () => (await server.metrics()).lastCloseCode === code);
    }
    const { w } = await open(t, port);
    await w.send(frame(0x81, 'close'));
    await until(() => closeCode(w) === 4000);
    await w.send(frame(0x81, 'ignored') + frame(0x88, '\x0f\xa0'));
    await w.end();
    assert.equal(frames(w.received).length, 1);
  });

  await t.test('what breaks the protocol is closed with its code', async (t) => {
    const cases = [
      ['unmasked', '\x81\x05hello', 1002], ['reserved bit 1', frame(0xc1, 'a'), 1002], ['reserved bit 2', frame(0xa1, 'a'), 1002], ['reserved bit 3', frame(0x91, 'a'), 1002],
      ['opcode 3', frame(0x83, 'a'), 1002], ['opcode 11', frame(0x8b, 'a'), 1002], ['binary', frame(0x82, 'a'), 1003], ['continuation of nothing', frame(0x80, 'a'), 1002],
      ['text inside a message', frame(0x01, 'a') + frame(0x81, 'b'), 1002], ['fragmented ping', frame(0x09, 'a'), 1002], ['long ping', frame(0x89, 'a'.repeat(126)), 1002],
      ['close with one byte', frame(0x88, '\x03'), 1002], ['close with 1005', frame(0x88, '\x03\xed'), 1002], ['close with 999', frame(0x88, '\x03\xe7'), 1002], ['close with 5000', frame(0x88, '\x13\x88'), 1002],
      ['close reason that is not UTF-8', frame(0x88, '\x03\xe8\xff'), 1007], ['not UTF-8', frame(0x81, '\xff'), 1007], ['surrogate', frame(0x81, '\xed\xa0\x80'), 1007], ['overlong', frame(0x81, '\xc0\xaf'), 1007],
      ['cut character', frame(0x81, 'a\xe2\x82'), 1007], ['bad in the second fragment, before the end', frame(0x01, 'a\xe2') + frame(0x00, 'a'), 1007],
      ['length not minimal', '\x81\xfe\x00\x05\0\0\0\0hello', 1002], ['length over 63 bits', '\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0', 1002],
      ['too large, announced', '\x81\xff\0\0\0\0\x7f\xff\xff\xff\0\0\0\0', 1009], ['too large in fragments', frame(0x01, 'a'.repeat(60000)) + frame(0x80, 'a'.repeat(6000)), 1009],
      ['fragments without end', frame(0x01, 'a') + frame(0x00, '').repeat(1100), 1008], ['pings without end', frame(0x89, '').repeat(200), 1008],
    ];
    await Promise.all(cases.map(([name, bytes, code]) => t.test(name, (t) => assertClosedWith(t, port, bytes, code))));
  });
});

test('npm ws', async (t) => {
  const server = await startHello(t);
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/websocket`, ['echo']);
  await once(socket, 'open');
  assert.equal(socket.protocol, 'echo');
  for (const text of ['hello', '', '€'.repeat(20000), '👩‍🔑']) {
    socket.send(text);
    const [data, isBinary] = await once(socket, 'message');
    assert.equal(data.toString(), text);
    assert.equal(isBinary, false);
  }
  socket.ping('are you there');
  assert.equal((await once(socket, 'pong'))[0].toString(), 'are you there');
  socket.send('frag', { fin: false });
  socket.send('ments', { fin: true });
  assert.equal((await once(socket, 'message'))[0].toString(), 'fragments');
  socket.send('close');
  const [code, reason] = await once(socket, 'close');
  assert.equal(code, 4000);
  assert.equal(reason.toString(), 'as you wish');
});

test('Autobahn', async (t) => {
  const server = await startHello(t);
  const script = join(dirname(fileURLToPath(import.meta.url)), 'lib/autobahn_client.py');
  const { status, stdout, stderr } = await execute('/usr/bin/python3', [script, `ws://127.0.0.1:${server.port}/websocket`]);
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^\d+ checks passed$/m);
});

test('over TLS', async (t) => {
  const pair = await makeCertificate(t, 'localhost');
  const server = await startHello(t, '--certificate', pair.certificate, '--key', pair.key);
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}/websocket`, { rejectUnauthorized: false });
  await once(socket, 'open');
  for (const size of [1, 20000, 65536]) {
    socket.send('x'.repeat(size));
    assert.equal((await once(socket, 'message'))[0].length, size);
  }
  socket.close(1000);
  assert.equal((await once(socket, 'close'))[0], 1000);
});

test('peers that go silent, do not read, or disappear', async (t) => {
  const server = await startHello(t, '--ping', '400', '--connections', '100');

  await t.test('who answers pings stays, who does not is let go', async (t) => {
    const { w: silent } = await open(t, server.port);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/websocket`);
    let pings = 0;
    socket.on('ping', () => pings++);
    await once(socket, 'open');
    await silent.end();
    assert.equal(frames(silent.received)[0].opcode, 9);
    await sleep(1500);
    assert.ok(pings >= 2);
    socket.send('still here');
    assert.equal((await once(socket, 'message'))[0].toString(), 'still here');
    socket.terminate();
    await until(async () => (await server.metrics()).lastCloseCode === 1006);
  });

  await t.test('a queue that grows over its limit costs the connection, not memory', async (t) => {
    const before = residentMemory(server.pid);
    const { w } = await open(t, server.port);
    w.socket.pause();
    const closed = (await server.metrics()).closed;
    await w.send(frame(0x81, 'flood'));
    await until(async () => (await server.metrics()).closed === closed + 1);
    const grown = residentMemory(server.pid) - before;
    assert.ok(grown < 8 << 20, `${grown} bytes`);
  });

  await t.test('every way to go is heard once', async (t) => {
    const before = (await server.metrics()).closed;
    for (const leave of ['destroy', 'end', 'resetAndDestroy']) {
      const { w } = await open(t, server.port);
      w.socket[leave]();
    }
    await until(async () => (await server.metrics()).closed === before + 3);
    await sleep(100);
    const metrics = await server.metrics();
    assert.equal(metrics.closed, before + 3);
    assert.equal(metrics.websockets, 0);
  });
});

test('drain closes with 1001', async (t) => {
  const server = await startHello(t, '--threads', '2');
  const sockets = Array.from({ length: 6 }, () => new WebSocket(`ws://127.0.0.1:${server.port}/websocket`));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const closed = sockets.map((socket) => once(socket, 'close'));
  server.child.kill('SIGTERM');
  for (const [code] of await Promise.all(closed)) assert.equal(code, 1001);
  assert.equal((await server.stop()).code, 0);
});

test('many that have each spoken once', { timeout: 60000 }, async (t) => {
  const server = await startHello(t, '--connections', '20000', '--per-address', '20000', '--ping', '60000');
  const first = await open(t, server.port);
  await first.w.send(frame(0x81, 'hello'));
  await until(() => frames(first.w.received).length === 1);
  const before = residentMemory(server.pid);
  const count = 4000;
  const sockets = [];
  for (let i = 0; i < count; i++) {
    const w = wire(t, server.port);
    w.send(handshake() + frame(0x81, 'hello'));
    sockets.push(w);
    if (i % 100 === 99) await until(() => w.received.endsWith('hello'));
  }
  await until(() => sockets.every((w) => w.received.endsWith('hello')), { within: 20000 });
  const each = (residentMemory(server.pid) - before) / count;
  t.diagnostic(`${Math.round(each)} bytes of server memory each`);
  if (!/asan|tsan/.test(server.child.spawnfile)) assert.ok(each <= 1024, `${each} bytes each`);
});
