// SPDX-License-Identifier: Apache-2.0
// Real proxies in front: what they forward is read as they meant it, and the client they name is the client we see.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { freePort, temporaryDirectory } from './lib/server.mjs';
import { get, makeCertificate, startHello, until, wire } from './lib/wire.mjs';

async function startFront(t, program, args, port) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said += data));
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  });
  await until(
    async () => {
      assert.equal(child.exitCode, null, `${program} ended: ${said}`);
      return fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
    },
    { what: `${program} (${said})` },
  );
}

async function startNginx(t, backend, location, extra = '') {
  const directory = temporaryDirectory(t);
  const port = await freePort();
  const configuration = join(directory, 'nginx.conf');
  writeFileSync(
    configuration,
    `${process.getuid() === 0 ? 'user root;' : ''} daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr crit;
     events { worker_connections 1024; }
     http {
       access_log off;
       client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
       map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
       upstream backend { server 127.0.0.1:${backend}; keepalive 16; }
       ${extra}
       server { listen 127.0.0.1:${port}; location / { ${location} } }
     }`,
  );
  await startFront(t, '/usr/sbin/nginx', ['-c', configuration, '-p', directory], port);
  return port;
}

async function startHaproxy(t, backend, options = '', server = '') {
  const directory = temporaryDirectory(t);
  const port = await freePort();
  const configuration = join(directory, 'haproxy.cfg');
  writeFileSync(
    configuration,
    `global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1m
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  ${options}
  server one 127.0.0.1:${backend} ${server}
`,
  );
  await startFront(t, '/usr/sbin/haproxy', ['-db', '-f', configuration], port);
  return port;
}

const inspect = async (port, path = '/inspect', headers = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return response.text();
};

/** The same story through any front. */
async function story(t, port) {
  assert.match(await inspect(port, '/inspect/../inspect?a=%20b'), /path=\/inspect\nquery=a=%20b\n/);
  const body = 'x'.repeat(300_000);
  const echoed = await fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', body });
  assert.ok((await echoed.text()) === body, 'a large body comes back');
  const stream = await fetch(`http://127.0.0.1:${port}/stream?count=3&ms=10`);
  assert.equal(await stream.text(), 'data: 0\n\ndata: 1\n\ndata: 2\n\n');
  assert.equal((await (await fetch(`http://127.0.0.1:${port}/large`)).arrayBuffer()).byteLength, 4 << 20);
  const chunked = wire(t, port);
  await chunked.send('POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-A: b\r\n\r\n');
  assert.equal((await chunked.answer()).body, 'hello');
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
  await once(socket, 'open');
  for (const text of ['hello', '€'.repeat(20000)]) {
    socket.send(text);
    assert.equal((await once(socket, 'message'))[0].toString(), text);
  }
  socket.close(1000);
  assert.equal((await once(socket, 'close'))[0], 1000);
  await Promise.all(Array.from({ length: 200 }, async (_, i) => assert.match(await inspect(port, `/inspect?${i}`), new RegExp(`query=${i}\n`))));
}

test('nginx', async (t) => {
  const server = await startHello(t, '--trusted', '127.0.0.1');
  const port = await startNginx(
    t,
    server.port,
    `proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Host $host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme; proxy_buffering off;`,
  );
  await story(t, port);
  // The client's own words stand to the left of what nginx saw; nginx itself is trusted and on the same address.
  assert.match(await inspect(port, '/inspect', { 'x-forwarded-for': '203.0.113.7' }), /peer=203\.0\.113\.7\n/);
  // One after the other, since of many at once nginx gives each a connection and keeps only some.
  const before = await server.metrics();
  for (let i = 0; i < 50; i++) await inspect(port);
  const metrics = await server.metrics();
  assert.ok(metrics.accepted - before.accepted < 25, `connections are kept alive: ${metrics.accepted - before.accepted} were made for 50 requests`);
  assert.equal(metrics.refused, 0);
});

test('nginx over HTTP/1.0', async (t) => {
  const server = await startHello(t);
  const port = await startNginx(t, server.port, 'proxy_pass http://backend; proxy_set_header Host $host;');
  assert.match(await inspect(port), /path=\/inspect/);
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/stream?count=2&ms=5`)).text(), 'data: 0\n\ndata: 1\n\n');
});

test('nginx over TLS', async (t) => {
  const pair = await makeCertificate(t, 'localhost');
  const server = await startHello(t, '--certificate', pair.certificate, '--key', pair.key);
  const port = await startNginx(t, server.port, `proxy_pass https://backend; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $host; proxy_ssl_name localhost; proxy_ssl_server_name on;`);
  for (let i = 0; i < 20; i++) assert.match(await inspect(port), /secure=1\n/);
});

test('HAProxy', async (t) => {
  const server = await startHello(t, '--trusted', '127.0.0.1');
  await story(t, await startHaproxy(t, server.port, 'option forwardfor\n  http-request set-header X-Forwarded-Proto https'));
  const port = await startHaproxy(t, server.port, 'http-request set-header X-Forwarded-For 198.51.100.9\n  http-request set-header X-Forwarded-Proto https');
  assert.match(await inspect(port), /peer=198\.51\.100\.9\nport=0\nsecure=1\n/);
});

test('HAProxy with PROXY headers, version 1 and 2, and over TLS', async (t) => {
  const server = await startHello(t, '--trusted', '127.0.0.1', '--proxy-protocol');
  for (const version of ['send-proxy', 'send-proxy-v2']) {
    const port = await startHaproxy(t, server.port, '', version);
    const client = wire(t, port);
    await client.send(get('/inspect', 'X-Forwarded-For: 1.1.1.1\r\n'));
    const { body } = await client.answer();
    assert.match(body, /peer=127\.0\.0\.1\n/);
    assert.match(body, new RegExp(`port=${client.socket.localPort}\n`), "the client's own port, not the proxy's");
  }
  const pair = await makeCertificate(t, 'localhost');
  const secure = await startHello(t, '--certificate', pair.certificate, '--key', pair.key, '--trusted', '127.0.0.1', '--proxy-protocol');
  const port = await startHaproxy(t, secure.port, '', 'ssl verify none send-proxy-v2');
  assert.match(await inspect(port), /secure=1\n/);
});
