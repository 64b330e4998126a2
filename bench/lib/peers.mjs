// SPDX-License-Identifier: Apache-2.0
// Who is measured beside us: each start… gives a contender { name, url, process }.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audience, issuer } from './material.mjs';
import { freePort, Process } from './processes.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));

async function start(name, place, command, argumentsFor) {
  const port = await freePort();
  const process = new Process(place.cores.server, command, argumentsFor(port), join(place.out, `${name.replace(/[^a-zA-Z0-9]+/g, '-')}.log`));
  await process.listening(port);
  return { name, url: `http://127.0.0.1:${port}`, process };
}

/** Gives every request the bytes of `answer`: those that our server gives. */
export function startFloor(place, answer) {
  const file = join(place.out, 'floor.answer');
  writeFileSync(file, answer, 'latin1');
  return start('floor', place, join(place.out, 'floor'), (port) => [String(port), file]);
}

/** The same, but a token's signature is verified before, by the bare library: { algorithm, publicPemFile or secret }. */
export function startVerifyingFloor(place, answer, { algorithm, publicPemFile, secret }) {
  const file = join(place.out, 'floor.answer');
  const keyFile = publicPemFile ?? join(place.out, `floor-${algorithm}.secret`);
  writeFileSync(file, answer, 'latin1');
  if (!publicPemFile) writeFileSync(keyFile, secret, { mode: 0o600 });
  return start(`floor ${algorithm}`, place, join(place.out, 'floor'), (port) => [String(port), file, algorithm, keyFile]);
}

export function startNginx(place) {
  const prefix = join(place.out, 'nginx');
  mkdirSync(prefix, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${prefix}/${name};`).join('\n');
  const configuration = (port) => `${process.getuid() === 0 ? 'user root;\n' : ''}daemon off;
worker_processes 1;
pid ${prefix}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
${temporary}
  access_log off;
  client_header_buffer_size 4k;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:${port};
    location / { return 200; }
  }
}
`;
  return start('nginx return 200', place, 'nginx', (port) => {
    const file = join(prefix, 'nginx.conf');
    writeFileSync(file, configuration(port));
    return ['-e', 'stderr', '-p', prefix, '-c', file];
  });
}

/** As HAProxy's own tutorial verifies a token: algorithm, issuer, audience, end, signature. */
export function startHaproxy(place, { algorithm, publicPemFile, secret }) {
  const configuration = (port) => `global
  nbthread 1
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
frontend authorize
  bind 127.0.0.1:${port}
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request set-var(txn.iss) http_auth_bearer,jwt_payload_query('$.iss')
  http-request set-var(txn.aud) http_auth_bearer,jwt_payload_query('$.aud')
  http-request set-var(txn.sub) http_auth_bearer,jwt_payload_query('$.sub')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str ${algorithm} }
  http-request deny deny_status 401 unless { var(txn.iss) -m str ${issuer} }
  http-request deny deny_status 401 unless { var(txn.aud) -m str ${audience} }
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify(txn.alg,"${publicPemFile ?? secret}") -m int 1 }
  http-request return status 200 hdr X-Sub "%[var(txn.sub)]"
`;
  return start(`HAProxy jwt_verify ${algorithm}`, place, 'haproxy', (port) => {
    const file = join(place.out, `haproxy-${algorithm}.cfg`);
    writeFileSync(file, configuration(port), { mode: 0o600 });
    return ['-db', '-f', file];
  });
}

export function startFastify(place, { algorithm, publicJwk, secret }) {
  const keyFile = join(place.out, `fastify-${algorithm}.keys`);
  writeFileSync(keyFile, secret ?? JSON.stringify({ keys: [publicJwk] }), { mode: 0o600 });
  return start(`fastify + jose ${algorithm}`, place, process.execPath, (port) => [join(here, 'fastify.mjs'), String(port), algorithm, keyFile, issuer, audience]);
}
