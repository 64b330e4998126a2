// SPDX-License-Identifier: Apache-2.0
// Real proxies in front of a server, each of which tells the server how it has read every request that it forwards: X-Front-Id (its own
// number and the client's port), X-Front-Method, X-Front-Target and X-Front-Host. They keep connections to the server and share them between clients.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request as makeRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, temporaryDirectory } from './server.mjs';
import { until } from './wire.mjs';

const answersAt = (port) =>
  new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => socket.destroy(done(true)));
    socket.once('error', () => done(false));
  });

async function start(t, program, args, port) {
  assert.ok(existsSync(program), `${program} is missing; packages.txt names its package`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said += data));
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM'); // which a front's master process hands on
    await once(child, 'close');
  });
  await until(async () => {
    assert.equal(child.exitCode, null, `${program} ended: ${said}`);
    return answersAt(port);
  }, { what: `${program} (${said})` });
  return port;
}

const asRoot = process.getuid() === 0;

/** `directives` may turn the buffering of requests off. HTTP/2 is understood on the same port's neighbour, `port2`. */
export async function nginx(t, backend, directives = '') {
  const directory = temporaryDirectory(t);
  const port = await freePort();
  const port2 = await freePort();
  const configuration = join(directory, 'nginx.conf');
  const location = `location / {
    proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Front-Id "$request_id/$remote_port"; proxy_set_header X-Front-Method $request_method;
    proxy_set_header X-Front-Target $request_uri; proxy_set_header X-Front-Host $host; ${directives} }`;
  writeFileSync(configuration, `${asRoot ? 'user root;' : ''} daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr crit;
    events { worker_connections 1024; }
    http {
      access_log off; client_max_body_size 2m; keepalive_requests 100000;
      client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
      map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
      upstream backend { server 127.0.0.1:${backend}; keepalive 4; keepalive_requests 100000; }
      server { listen 127.0.0.1:${port}; ${location} }
      server { listen 127.0.0.1:${port2} http2; ${location} }
    }`);
  await start(t, '/usr/sbin/nginx', ['-c', configuration, '-p', directory], port);
  return { port, port2 };
}

export async function haproxy(t, backend) {
  const directory = temporaryDirectory(t);
  const port = await freePort();
  const port2 = await freePort();
  const configuration = join(directory, 'haproxy.cfg');
  writeFileSync(configuration, `global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  timeout tunnel 10s
frontend front
  bind 127.0.0.1:${port}
  bind 127.0.0.1:${port2} proto h2
  unique-id-format %[uuid()]
  http-request set-header X-Front-Id %[unique-id]/%[src_port]
  http-request set-header X-Front-Method %[method]
  http-request set-header X-Front-Target %[url]
  http-request set-header X-Front-Host %[req.hdr(host)]
  default_backend back
backend back
  http-reuse always
  server one 127.0.0.1:${backend}
`);
  await start(t, '/usr/sbin/haproxy', ['-db', '-f', configuration], port);
  return { port, port2 };
}

export async function apache(t, backend) {
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o755); // its processes are nobody in particular
  const port = await freePort();
  const configuration = join(directory, 'apache2.conf');
  const modules = ['mpm_event', 'authz_core', 'unique_id', 'headers', 'proxy', 'proxy_http', 'http2'];
  writeFileSync(configuration, `ServerRoot ${directory}
ServerName localhost
PidFile ${directory}/apache2.pid
DefaultRuntimeDir ${directory}
ErrorLog ${directory}/error.log
LogLevel crit
Listen 127.0.0.1:${port}
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${asRoot ? 'User www-data\nGroup www-data' : ''}
StartServers 1
ThreadsPerChild 16
MaxRequestWorkers 16
Protocols h2c http/1.1
KeepAlive On
MaxKeepAliveRequests 0
ProxyPreserveHost On
ProxyPass / http://127.0.0.1:${backend}/
RequestHeader set X-Front-Id "expr=%{env:UNIQUE_ID}/%{REMOTE_PORT}"
RequestHeader set X-Front-Method "expr=%{REQUEST_METHOD}"
RequestHeader set X-Front-Target "expr=%{REQUEST_URI}?%{QUERY_STRING}"
RequestHeader set X-Front-Host "expr=%{HTTP_HOST}"
`);
  await start(t, '/usr/sbin/apache2', ['-DFOREGROUND', '-f', configuration], port);
  return { port, port2: port };
}

/** What a few lines of Node do, in the manner of http-proxy: every header goes on as it came. */
export async function node(t, backend) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 4 });
  let number = 0;
  const server = createServer({ keepAliveTimeout: 10_000 }, (request, response) => {
    const headers = { ...request.headers, 'x-front-id': `node${++number}/${request.socket.remotePort}`, 'x-front-method': request.method,
      'x-front-target': request.url, 'x-front-host': request.headers.host };
    const fail = () => {
      if (!response.headersSent) response.writeHead(502);
      response.end();
    };
    let outgoing;
    try {
      outgoing = makeRequest({ host: '127.0.0.1', port: backend, method: request.method, path: request.url, headers, agent }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
    } catch {
      return fail(); // a target that its own client refuses
    }
    outgoing.on('error', fail);
    request.on('aborted', () => outgoing.destroy()).on('error', () => outgoing.destroy());
    request.pipe(outgoing);
  });
  server.on('clientError', (error, socket) => socket.writable && socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    agent.destroy();
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return { port: server.address().port };
}
