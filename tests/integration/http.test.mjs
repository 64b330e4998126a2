// SPDX-License-Identifier: Apache-2.0
// How connections behave: order, bodies, streams, people who leave, limits, time, drain, TLS, proxies' words.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { execute, get, makeCertificate, readAnswer, residentMemory, sleep, startHello, until, wire } from './lib/wire.mjs';

const post = (target, body, fields = '') => `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;

test('requests on one connection', async (t) => {
  const { port } = await startHello(t);

  await t.test('pipelined ones are answered in order, whether at once, by a fiber or with a body (RFC 9112 section 9.3.2)', async (t) => {
    const w = wire(t, port);
    await w.send(get('/') + get('/slow?ms=60') + get('/inspect?a') + post('/echo', 'hello') + post('/small', 'small') + get('/stream?count=2&ms=1') + get('/none') + get('/nothing'));
    const answers = [];
    for (let i = 0; i < 8; i++) answers.push(await w.answer());
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 200, 200, 200, 204, 404]);
    assert.equal(answers[0].body, 'hello\n');
    assert.equal(answers[1].body, '/slow?ms=60');
    assert.match(answers[2].body, /path=\/inspect\nquery=a\n/);
    assert.equal(answers[3].body, 'hello');
    assert.equal(answers[4].body, 'small');
    assert.equal(answers[5].body, 'data: 0\n\ndata: 1\n\n');
  });

  await t.test('a thousand at once', async (t) => {
    const w = wire(t, port);
    await w.send(get('/inspect').repeat(1000));
    for (let i = 0; i < 1000; i++) assert.equal((await w.answer()).status, 200);
  });

  await t.test('more answers than the peer will read yet do not fill memory, and all of them come', async (t) => {
    const w = wire(t, port);
    w.socket.pause();
    await w.send(get('/large').repeat(12));
    await sleep(300);
    w.socket.resume();
    for (let i = 0; i < 12; i++) assert.equal((await w.answer({ within: 10000 })).body.length, 4 << 20);
  });

  await t.test('byte by byte', async (t) => {
    const w = wire(t, port);
    for (const byte of `${post('/echo', 'body', 'X-A: b\r\n')}`) await w.send(byte);
    assert.equal((await w.answer()).body, 'body');
    for (const byte of 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n') await w.send(byte);
    assert.equal((await w.answer()).body, 'abcde');
  });

  await t.test('HEAD tells the length and sends no body (RFC 9110 section 9.3.2)', async (t) => {
    const w = wire(t, port);
    await w.send(get('/large').replace('GET', 'HEAD') + get('/stream').replace('GET', 'HEAD') + get('/nothing').replace('GET', 'HEAD') + get('/'));
    const large = await w.answer({ head: true });
    assert.equal(large.headers.get('content-length'), String(4 << 20));
    assert.equal((await w.answer({ head: true })).headers.get('transfer-encoding'), 'chunked');
    assert.equal((await w.answer({ head: true })).status, 404);
    assert.equal((await w.answer()).body, 'hello\n');
  });

  await t.test('Connection: close and HTTP/1.0 end the connection', async (t) => {
    const w = wire(t, port);
    await w.send(get('/', 'Connection: close\r\n') + get('/'));
    assert.equal((await w.answer()).headers.get('connection'), 'close');
    await w.end();
    assert.equal(w.received, '');
    const old = wire(t, port);
    await old.send('GET /stream?count=2&ms=1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n');
    await old.end();
    const answer = readAnswer(old.received, { ended: true });
    assert.equal(answer.body, 'data: 0\n\ndata: 1\n\n');
    assert.equal(answer.headers.get('transfer-encoding'), undefined);
  });

  await t.test('a program that forgets to answer, or would split its answer, answers 500', async (t) => {
    const w = wire(t, port);
    await w.send(get('/forget') + get('/forget-in-fiber') + get('/split') + get('/'));
    for (const status of [500, 500, 500, 200]) {
      const answer = await w.answer();
      assert.equal(answer.status, status);
      assert.ok(!answer.headers.has('set-cookie') && !answer.headers.has('location'));
    }
  });

  await t.test('a Date on every answer', async (t) => {
    const w = wire(t, port);
    await w.send(get('/'));
    assert.ok(Math.abs(Date.parse((await w.answer()).headers.get('date')) - Date.now()) < 3000);
  });
});

test('bodies', async (t) => {
  const { port, url } = await startHello(t);

  await t.test('100 Continue is said when the body is wanted, and only then (RFC 9110 section 10.1.1)', async (t) => {
    const wanted = wire(t, port);
    await wanted.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    assert.equal((await wanted.answer()).status, 100);
    await wanted.send('hello');
    assert.equal((await wanted.answer()).body, 'hello');
    const unwanted = wire(t, port);
    await unwanted.send('POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    assert.equal((await unwanted.answer()).status, 404);
    await unwanted.end(); // it may send the body or not: the connection can't go on
    const tooLarge = wire(t, port);
    await tooLarge.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n');
    assert.equal((await tooLarge.answer()).status, 413);
    const early = wire(t, port);
    await early.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello');
    assert.equal((await early.answer()).status, 200);
  });

  await t.test('one that nobody reads is dropped, a large one costs the connection, and the answer still arrives', async (t) => {
    const w = wire(t, port);
    await w.send(post('/nothing', 'x'.repeat(60000)) + get('/'));
    assert.equal((await w.answer()).status, 404);
    assert.equal((await w.answer()).status, 200);
    await w.send(`POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n${get('/')}`);
    assert.equal((await w.answer()).status, 404);
    assert.equal((await w.answer()).status, 200);
    await w.send(post('/nothing', 'x'.repeat(900000)));
    const answer = await w.answer();
    assert.equal(answer.status, 404);
    assert.equal(answer.headers.get('connection'), 'close');
    await w.end();
    assert.equal(w.error, null, 'no reset overtakes the answer');
  });

  await t.test('a megabyte comes back as it was sent, in whatever pieces', async () => {
    const bytes = Buffer.alloc(1 << 20, 'chatelaine');
    for (const chunked of [false, true]) {
      const answer = await new Promise((done, fail) => {
        const outgoing = request(`${url}/echo`, { method: 'POST', headers: chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': bytes.length } }, async (response) => {
          const parts = [];
          for await (const part of response) parts.push(part);
          done({ status: response.statusCode, body: Buffer.concat(parts) });
        }).on('error', fail);
        for (let at = 0; at < bytes.length; at += 7777) outgoing.write(bytes.subarray(at, at + 7777));
        outgoing.end();
      });
      assert.equal(answer.status, 200);
      assert.ok(answer.body.equals(bytes));
    }
  });

  await t.test('one that comes along with its head needs no fiber; one that does not is waited for', async (t) => {
    const w = wire(t, port);
    await w.send(post('/small', 'at once'));
    assert.equal((await w.answer()).body, 'at once');
    await w.send('POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe');
    await sleep(30);
    await w.send('llo');
    assert.equal((await w.answer()).body, 'hello');
    await w.send(post('/small', 'x'.repeat(2000)) + get('/'));
    assert.equal((await w.answer()).status, 413);
    assert.equal((await w.answer()).status, 200);
  });
});

test('people who leave', async (t) => {
  const server = await startHello(t);
  const canceled = async () => (await server.metrics()).canceled;

  await t.test('a fiber that works for a closed or half-closed connection is canceled', async (t) => {
    for (const leave of ['destroy', 'end', 'resetAndDestroy']) {
      const before = await canceled();
      const w = wire(t, server.port);
      await w.send(get('/slow?ms=60000'));
      await sleep(50);
      w.socket[leave]();
      await until(async () => (await canceled()) === before + 1, { what: `the fiber's end after ${leave}()` });
    }
  });

  await t.test('also while it reads a body, and while it streams', async (t) => {
    const before = await canceled();
    const reading = wire(t, server.port);
    await reading.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf');
    const streaming = wire(t, server.port);
    await streaming.send(get('/stream?count=100000&ms=10'));
    const blocked = wire(t, server.port);
    blocked.socket.pause();
    await blocked.send(get('/stream-large?count=100'));
    await sleep(100);
    for (const w of [reading, streaming, blocked]) w.close();
    await until(async () => (await canceled()) === before + 3);
  });

  await t.test('who half-closes after a request that is answered at once gets the answer', async (t) => {
    const w = wire(t, server.port);
    await w.opened;
    w.socket.end(get('/') + get('/large'));
    assert.equal((await w.answer()).body, 'hello\n');
    assert.equal((await w.answer({ within: 10000 })).body.length, 4 << 20);
    await w.end();
  });

  await t.test('a stream that its program breaks off is not ended as if it were whole', async (t) => {
    const w = wire(t, server.port);
    await w.send(get('/stream?count=2&ms=1&break=1'));
    await w.end();
    assert.doesNotMatch(w.received, /\r\n0\r\n\r\n$/);
  });
});

test('streams', async (t) => {
  const server = await startHello(t);
  await t.test('pieces arrive as they are written', async (t) => {
    const w = wire(t, server.port);
    await w.send(get('/stream?count=3&ms=150'));
    await until(() => w.received.includes('data: 0'), { within: 100 });
    assert.ok(!w.received.includes('data: 2'));
    assert.equal((await w.answer()).body, 'data: 0\n\ndata: 1\n\ndata: 2\n\n');
  });
  await t.test('a slow reader holds the writer back, not memory', async (t) => {
    const before = residentMemory(server.pid);
    const w = wire(t, server.port);
    w.socket.pause();
    await w.send(get('/stream-large?count=8'));
    await sleep(400);
    const grown = residentMemory(server.pid) - before;
    assert.ok(grown < 16 << 20, `${grown} bytes`);
    w.socket.resume();
    assert.equal((await w.answer({ within: 20000 })).body.length, 32 << 20);
  });
});

test('limits and time', async (t) => {
  await t.test('a head that does not come to its end is answered 408, silence is just closed', async (t) => {
    const server = await startHello(t, '--head-timeout', '600', '--idle-timeout', '900');
    const silent = wire(t, server.port);
    const loris = wire(t, server.port);
    await loris.send('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => loris.send('X-A: b\r\n'), 50);
    t.after(() => clearInterval(drip));
    const answer = await loris.answer();
    clearInterval(drip);
    assert.equal(answer.status, 408);
    await silent.end();
    assert.equal(silent.received, '');
    const idle = wire(t, server.port);
    await idle.send(get('/'));
    await idle.answer();
    const start = Date.now();
    await idle.end();
    assert.ok(Date.now() - start > 600, 'idle connections have their own, longer time');
  });

  await t.test('a body that drips is answered 408', async (t) => {
    const server = await startHello(t, '--rate-window', '1000');
    const w = wire(t, server.port);
    await w.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    const drip = setInterval(() => w.send('x'), 100);
    t.after(() => clearInterval(drip));
    assert.equal((await w.answer({ within: 5000 })).status, 408);
  });

  await t.test('who does not read its answer is let go', async (t) => {
    const server = await startHello(t, '--rate-window', '1000');
    const w = wire(t, server.port);
    w.socket.pause();
    await w.send(get('/stream-large?count=50'));
    await until(async () => (await server.metrics()).canceled === 1, { within: 8000, what: 'the end of the writer' });
  });

  await t.test('when full, idle connections make room, then 503 with Retry-After; nobody is reset unheard', async (t) => {
    const server = await startHello(t, '--connections', '20');
    const idle = [];
    for (let i = 0; i < 20; i++) {
      const w = wire(t, server.port);
      await w.send(get('/'));
      await w.answer();
      idle.push(w);
    }
    const busy = [];
    for (let i = 0; i < 20; i++) {
      const w = wire(t, server.port);
      await w.send(get('/slow?ms=1500'));
      busy.push(w);
    }
    await Promise.all(idle.map((w) => w.end()));
    await sleep(100);
    const refused = wire(t, server.port);
    await refused.send(get('/'));
    const answer = await refused.answer();
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal(refused.error, null);
    for (const w of busy) assert.equal((await w.answer()).status, 200);
    const again = wire(t, server.port);
    await again.send(get('/'));
    assert.equal((await again.answer()).status, 200);
  });

  await t.test('connections that say nothing keep nobody out', async (t) => {
    const server = await startHello(t, '--connections', '50');
    const silent = Array.from({ length: 50 }, () => wire(t, server.port));
    await Promise.all(silent.map((w) => w.opened));
    await sleep(1200);
    for (let i = 0; i < 10; i++) {
      const w = wire(t, server.port);
      await w.send(get('/slow?ms=10'));
      assert.equal((await w.answer()).status, 200);
    }
  });

  await t.test('one address has a share', async (t) => {
    const server = await startHello(t, '--per-address', '5');
    const held = [];
    for (let i = 0; i < 5; i++) {
      const w = wire(t, server.port);
      await w.send(get('/'));
      await w.answer();
      held.push(w);
    }
    const sixth = wire(t, server.port);
    await sixth.end();
    held[0].close();
    await sleep(100);
    const seventh = wire(t, server.port);
    await seventh.send(get('/'));
    assert.equal((await seventh.answer()).status, 200);
  });

  await t.test('out of descriptors it goes on serving whom it has', async (t) => {
    const server = await startHello(t, '--connections', '1000');
    await execute('prlimit', ['--pid', String(server.pid), '--nofile=40:40']);
    const busy = [];
    const first = wire(t, server.port);
    await first.send(get('/'));
    await first.answer();
    for (let i = 0; i < 60; i++) {
      const w = wire(t, server.port);
      await w.send(get('/slow?ms=1000'));
      busy.push(w);
    }
    await until(() => busy.filter((w) => w.received.includes('200 OK')).length >= 20, { what: 'answers to those that were accepted' });
    for (const w of busy) w.close();
    await sleep(600);
    const later = wire(t, server.port);
    await later.send(get('/'));
    assert.equal((await later.answer()).status, 200);
    assert.ok((await server.metrics()).outOfDescriptors > 0);
  });
});

test('drain', async (t) => {
  await t.test('exchanges are finished, idle connections closed, and nobody new is let in', async (t) => {
    const server = await startHello(t, '--threads', '2', '--grace', '10000');
    const idle = wire(t, server.port);
    await idle.send(get('/'));
    await idle.answer();
    const busy = wire(t, server.port);
    await busy.send(get('/slow?ms=2500'));
    const streaming = wire(t, server.port);
    await streaming.send(get('/stream?count=5&ms=500'));
    await until(() => streaming.received.includes('200 OK'), { what: 'the stream’s beginning' });
    await sleep(50);
    server.child.kill('SIGTERM');
    await idle.end();
    const late = wire(t, server.port);
    await until(() => late.error || late.ended);
    assert.equal((await busy.answer()).headers.get('connection'), 'close');
    assert.equal((await streaming.answer()).body.length, 5 * 9);
    await busy.end();
    const { code } = await server.stop();
    assert.equal(code, 0);
    assert.match(server.stdout, /drained/);
  });

  await t.test('what does not end in time is broken off', async (t) => {
    const server = await startHello(t, '--grace', '300');
    const endless = wire(t, server.port);
    await endless.send(get('/slow?ms=60000'));
    const loris = wire(t, server.port);
    await loris.send('GET / HT');
    await sleep(50);
    const start = Date.now();
    await server.stop();
    assert.ok(Date.now() - start < 20_000, 'long before the minute that the answer takes');
    await endless.end();
    assert.equal(endless.received, '');
  });
});

test('many idle connections', { timeout: 60000 }, async (t) => {
  const server = await startHello(t, '--connections', '20000', '--per-address', '20000', '--idle-timeout', '60000');
  const count = 5000;
  const warm = wire(t, server.port);
  await warm.send(get('/'));
  await warm.answer();
  const before = residentMemory(server.pid);
  const open = [];
  for (let i = 0; i < count; i++) {
    const w = wire(t, server.port);
    w.send(get('/'));
    open.push(w);
    if (i % 100 === 99) await until(() => w.received.includes('hello\n'));
  }
  await until(() => open.every((w) => w.received.includes('hello\n')), { within: 20000 });
  const each = (residentMemory(server.pid) - before) / count;
  t.diagnostic(`${Math.round(each)} bytes of server memory each`);
  if (!process.env.HELLO_SANITIZED && !/asan|tsan/.test(server.child.spawnfile)) assert.ok(each <= 512, `${each} bytes each`);
  const metrics = await server.metrics();
  assert.ok(metrics.accepted > count);
  const again = open[4321];
  again.received = '';
  await again.send(get('/'));
  assert.equal((await again.answer()).body, 'hello\n');
});

test('chaos: random requests, cut and broken off at random, leave nothing behind', { timeout: 60000 }, async (t) => {
  const server = await startHello(t, '--threads', '2', '--per-address', '5000', '--head-timeout', '1000', '--rate-window', '1000', '--ping', '500');
  const upgrade = get('/websocket', 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n');
  const pieces = [get('/'), get('/slow?ms=3'), get('/stream?count=3&ms=1'), get('/stream-large?count=1'), get('/large'), post('/echo', 'x'.repeat(3000)), post('/small', 'abc'), post('/nothing', 'x'.repeat(70000)),
    'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', '0\r\n\r\n', 'GET / HT', '\x00', upgrade, '\x81\x85\0\0\0\0hello', '\x81\x85\0\0\0\0flood', '\x89\x80\0\0\0\0', '\x88\x80\0\0\0\0', get('/forget'), get('/', 'Connection: close\r\n'),
    upgrade.replace('/websocket', '/websocket-in-fiber'), 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n'];
  let seed = 12345;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  const one = async () => {
    const w = wire(t, server.port);
    if (random(4) === 0) w.socket.pause();
    for (let i = random(6); i >= 0; i--) {
      const text = pieces[random(pieces.length)];
      await w.send(random(3) === 0 ? text.slice(0, random(text.length)) : text);
      if (random(2) === 0) await sleep(random(10));
    }
    if (random(3) === 0) await sleep(random(60));
    w.socket[['destroy', 'end', 'resetAndDestroy'][random(3)]]();
    setTimeout(() => w.close(), 2000).unref();
  };
  const end = Date.now() + 6000;
  await Promise.all(Array.from({ length: 40 }, async () => {
    while (Date.now() < end) await one();
  }));
  await until(async () => (await server.metrics()).websockets === 0, { within: 10000, what: 'the end of all WebSockets' });
  const honest = wire(t, server.port);
  await honest.send(get('/'));
  assert.equal((await honest.answer()).body, 'hello\n');
});

test('a unix socket', async (t) => {
  const path = join(tmpdir(), `http-${process.pid}.sock`);
  await startHello(t, '--listen', `unix:${path}`, '--trusted', 'unix');
  const w = wire(t, 0, { path });
  await w.send(get('/inspect', 'X-Forwarded-For: 203.0.113.7\r\n'));
  assert.match((await w.answer()).body, /peer=203\.0\.113\.7\n/);
});

test('IPv6', async (t) => {
  const server = await startHello(t, '--listen', '[::1]:0');
  const w = wire(t, server.port, { host: '::1' });
  await w.send('GET /inspect HTTP/1.1\r\nHost: [::1]:80\r\n\r\n');
  assert.match((await w.answer()).body, /host=\[::1\]:80\npeer=::1\n/);
});

test('who the client is', async (t) => {
  await t.test('X-Forwarded-For is believed from a trusted proxy only', async (t) => {
    const fields = 'X-Forwarded-For: 1.1.1.1, 203.0.113.7\r\nX-Forwarded-Proto: https\r\nForwarded: for=2.2.2.2\r\n';
    const trusting = await startHello(t, '--trusted', '127.0.0.0/8');
    const w = wire(t, trusting.port);
    await w.send(get('/inspect', fields));
    assert.match((await w.answer()).body, /peer=203\.0\.113\.7\nport=0\nsecure=1/);
    const strict = await startHello(t, '--trusted', '192.0.2.0/24');
    const v = wire(t, strict.port);
    await v.send(get('/inspect', fields));
    assert.match((await v.answer()).body, /peer=127\.0\.0\.1\n/);
  });

  await t.test('Forwarded, where that is what proxies write', async (t) => {
    const server = await startHello(t, '--trusted', '127.0.0.1', '--rfc7239');
    const w = wire(t, server.port);
    await w.send(get('/inspect', 'Forwarded: for="[2001:db8::7]:99";proto=https\r\nX-Forwarded-For: 1.1.1.1\r\n'));
    assert.match((await w.answer()).body, /peer=2001:db8::7\nport=99\nsecure=1/);
  });

  await t.test('PROXY headers, in one piece or byte by byte, are demanded from trusted proxies', async (t) => {
    const server = await startHello(t, '--trusted', '127.0.0.1', '--proxy-protocol');
    const first = 'PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n';
    const second = '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\x0a\0\0\x01\x12\x34\x01\xbb';
    for (const [header, expected] of [[first, /peer=203\.0\.113\.7\nport=56324\n/], [second, /peer=203\.0\.113\.9\nport=4660\n/]]) {
      const whole = wire(t, server.port);
      await whole.send(header + get('/inspect', 'X-Forwarded-For: 1.1.1.1\r\n'));
      assert.match((await whole.answer()).body, expected);
      const pieces = wire(t, server.port);
      for (const byte of header) {
        await pieces.send(byte);
        await sleep(1);
      }
      await pieces.send(get('/inspect'));
      assert.match((await pieces.answer()).body, expected);
    }
    const without = wire(t, server.port);
    await without.send(get('/inspect'));
    await without.end();
    assert.equal(without.received, '');
  });
});

test('TLS', async (t) => {
  const pair = await makeCertificate(t, 'localhost', '127.0.0.1');
  const server = await startHello(t, '--certificate', pair.certificate, '--key', pair.key);
  const target = `https://localhost:${server.port}`;
  const curl = (...args) => execute('curl', ['-sS', '-m', '10', '--cacert', pair.certificate, '--resolve', `localhost:${server.port}:127.0.0.1`, ...args]);

  await t.test('curl: 1.2, 1.3, not 1.1; many requests on a connection; a large body each way', async () => {
    for (const version of ['1.2', '1.3']) {
      const answer = await curl(`--tlsv${version}`, '--tls-max', version, `${target}/inspect`, `${target}/`);
      assert.match(answer.stdout, /secure=1\nheaders=\d+\nhello\n/);
    }
    const old = await curl('--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0', target);
    assert.notEqual(old.status, 0);
    assert.equal((await curl(`${target}/large`)).stdout.length, 4 << 20);
    const bytes = Buffer.alloc(700000, 'x');
    assert.equal((await execute('curl', ['-sS', '-m', '10', '-k', '--data-binary', '@-', `https://127.0.0.1:${server.port}/echo`], { input: bytes })).stdout.length, bytes.length);
    assert.match((await curl('-v', '--http1.1', target)).stderr, /ALPN: server accepted http\/1\.1/);
  });

  await t.test('openssl s_client: sessions are resumed by ticket; a protocol that we do not speak is refused', async () => {
    const session = join(pair.directory, 'session');
    const client = (...args) => execute('openssl', ['s_client', '-connect', `127.0.0.1:${server.port}`, '-servername', 'localhost', '-CAfile', pair.certificate, ...args], { input: 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' });
    for (const version of ['-tls1_2', '-tls1_3']) {
      await client(version, '-ign_eof', '-sess_out', session);
      assert.match((await client(version, '-ign_eof', '-sess_in', session)).stdout, /Reused, TLSv1\.[23]/);
    }
    const refused = await client('-alpn', 'h2');
    assert.match(refused.stderr, /no application protocol/i);
  });

  await t.test('a certificate that was replaced serves after SIGHUP, a broken one does not', async (t) => {
    const fingerprint = () =>
      new Promise((done, fail) => {
        const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          done(socket.getPeerCertificate().fingerprint256);
          socket.end();
        }).on('error', fail);
      });
    const before = await fingerprint();
    const other = await makeCertificate(t, 'localhost');
    copyFileSync(other.certificate, pair.certificate);
    server.child.kill('SIGHUP'); // the key does not fit yet
    await sleep(200);
    assert.equal(await fingerprint(), before);
    copyFileSync(other.key, pair.key);
    server.child.kill('SIGHUP');
    await sleep(200);
    assert.notEqual(await fingerprint(), before);
  });

  await t.test('plain text on it, a handshake that stalls, and a connection cut off do no harm', async (t) => {
    const plain = wire(t, server.port);
    await plain.send(get('/'));
    await plain.end();
    const stalled = wire(t, server.port);
    await stalled.send('\x16\x03\x01\x02\x00\x01');
    stalled.close();
    const answer = await execute('curl', ['-sS', '-m', '10', '-k', `https://127.0.0.1:${server.port}/`]);
    assert.equal(answer.stdout, 'hello\n');
  });
});
