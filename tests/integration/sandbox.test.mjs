// SPDX-License-Identifier: Apache-2.0
// What a running server has given up, and that it does all its work without. What it could no longer do is tried from inside in
// tests/unit/sandbox. All other tests here run in the sandbox too, since it is on unless it is switched off.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, copyFileSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, plainBinary, run, startServer, temporaryDirectory } from './lib/server.mjs';

const document = { config: { origins: ['*'], assistant: { kind: 'rules' } } };

/** /proc/<pid>/status of each thread, as { Seccomp: '2', … }. */
function threads(pid) {
  return readdirSync(`/proc/${pid}/task`).map((thread) => Object.fromEntries(
    readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8').trim().split('\n').map((line) => line.split(/:\s*/, 2))));
}

const event = (server, name) => server.log().find((line) => line.event === name);
const offers = (what) => what.missing === '';

async function metric(server, of) {
  const text = await (await server.fetch('/metrics')).text();
  return Number(text.match(new RegExp(`^chatelaine_sandbox\\{of="${of}"\\} (\\d)$`, 'm'))?.[1]);
}

test('every thread of a server has no privileges and a filter for its system calls', async (t) => {
  const server = await startServer(t, { document, program: plainBinary });
  const said = event(server, 'sandbox');
  assert.match(said.applied, /^no-new-privileges no-capabilities/);
  for (const thread of threads(server.pid)) {
    assert.equal(thread.NoNewPrivs, '1');
    assert.equal(BigInt(`0x${thread.CapEff}`) | BigInt(`0x${thread.CapPrm}`) | BigInt(`0x${thread.CapInh}`), 0n);
    if (/ calls/.test(said.applied)) assert.equal(thread.Seccomp, '2');
  }
  assert.match(readFileSync(`/proc/${server.pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
  assert.equal(await metric(server, 'privileges'), 1);
  assert.equal(await metric(server, 'capabilities'), 1);
  assert.equal(await metric(server, 'files'), / files:/.test(said.applied) ? 1 : 0);
  assert.equal(await metric(server, 'calls'), / calls/.test(said.applied) ? 1 : 0);
});

test('--sandbox on starts where the system offers everything, and says what is missing where not', async (t) => {
  const tried = await startServer(t, { document });
  if (offers(event(tried, 'sandbox'))) {
    const server = await startServer(t, { document, args: ['--sandbox', 'on'] });
    assert.equal((await server.fetch('/healthz')).status, 200);
  } else {
    const { status, stderr } = await run(['serve', '--data', tried.data, '--listen', '127.0.0.1:0', '--sandbox', 'on']);
    assert.equal(status, 1);
    assert.match(stderr, /This system does not offer/);
  }
});

test('--sandbox off leaves the process as it is, without core dumps', async (t) => {
  const server = await startServer(t, { document, args: ['--sandbox', 'off'], program: plainBinary });
  assert.equal(event(server, 'sandbox').applied, 'off');
  for (const thread of threads(server.pid)) assert.equal(thread.NoNewPrivs, '0');
  assert.match(readFileSync(`/proc/${server.pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
  assert.equal(await metric(server, 'calls'), 0);
  const { status, stderr } = await run(['serve', '--data', server.data, '--sandbox', 'maybe']);
  assert.equal(status, 2);
  assert.match(stderr, /--sandbox is on, off or best-effort/);
});

function makeCertificate(directory, name) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.pem`), '-subj', `/CN=${name}`], { stdio: 'ignore' });
}

function subjectOf(port) {
  return new Promise((done, failed) => {
    const asked = request({ host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false }, (response) => {
      const { CN } = response.socket.getPeerCertificate().subject;
      response.resume().on('end', () => done(CN));
    });
    asked.on('error', failed).end();
  });
}

async function until(condition, what) {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(what);
}

test('a certificate that was replaced is read anew from inside the sandbox', async (t) => {
  const directory = temporaryDirectory(t);
  makeCertificate(directory, 'first');
  makeCertificate(directory, 'second');
  for (const kind of ['pem', 'key']) copyFileSync(join(directory, `first.${kind}`), join(directory, `live.${kind}`));
  const server = await startServer(t, { document });
  await server.stop();
  server.port = undefined;
  const ready = server.start(['--tls-certificate', join(directory, 'live.pem'), '--tls-key', join(directory, 'live.key')]).catch(() => {});
  await until(() => /"event":"listening".*"tls":1/.test(server.stderr), 'it does not listen');
  assert.equal(await subjectOf(server.port), 'first');
  for (const kind of ['pem', 'key']) renameSync(join(directory, `second.${kind}`), join(directory, `live.${kind}`));
  process.kill(server.pid, 'SIGHUP');
  await until(() => event(server, 'reloaded'), 'nothing was reloaded');
  assert.equal(event(server, 'reloaded').status, 'ok');
  assert.equal(await subjectOf(server.port), 'second');
  await server.stop();
  await ready;
});

test('names are looked up and keys fetched from inside the sandbox', async (t) => {
  let asked = 0;
  const keys = createServer((incoming, answer) => {
    asked++;
    answer.writeHead(200, { 'Content-Type': 'application/json' }).end('{"keys":[]}');
  });
  await new Promise((done) => keys.listen(0, '127.0.0.1', done));
  t.after(() => keys.close());
  const server = await startServer(t, {
    program: plainBinary,
    document: { config: { ...document.config, signIn: { enforcement: 'optional', issuers: [{ name: 'a', mode: 'key-set', keySetUrl: `http://localhost:${keys.address().port}/keys` }] } } },
  });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256', kid: 'k' })}.${part({ sub: 'x', exp: 4e9 })}.${'A'.repeat(342)}`;
  const answer = await server.fetch('/v1/authorize', { key: server.acme.publishableKey, headers: { Authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 401);
  assert.ok(asked >= 1, 'the provider was never asked');
});

test('a unix socket is made and removed', async (t) => {
  const server = await startServer(t, { document });
  await server.stop();
  const directory = temporaryDirectory(t);
  const socketPath = join(directory, 'c.sock');
  const child = spawn(binary, ['serve', '--data', server.data, '--listen', `unix:${socketPath}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise((done) => child.once('close', done));
  const ask = () => new Promise((done) => get({ socketPath, path: '/healthz' }, (answer) => done(answer.resume().statusCode)).on('error', () => done(0)));
  await until(async () => (await ask()) === 200, 'nobody answers at the socket');
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.deepEqual(readdirSync(directory), []);
});

test('--user: root becomes somebody else once the port is bound', { skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'])));
  const server = await startServer(t, {
    document, program: plainBinary, args: ['--allow-private-egress', '--user', 'nobody'],
    prepare: (made) => {
      execFileSync('chmod', ['755', made.directory]);
      chownSync(made.data, uid, gid);
      for (const file of readdirSync(made.data)) chownSync(join(made.data, file), uid, gid);
    },
  });
  for (const thread of threads(server.pid)) {
    assert.deepEqual(thread.Uid.split('\t').map(Number), Array(4).fill(uid));
    assert.deepEqual(thread.Gid.split('\t').map(Number), Array(4).fill(gid));
    assert.equal(BigInt(`0x${thread.CapPrm}`), 0n);
  }
  const config = await server.fetch('/sdk/config', { key: server.acme.publishableKey, headers: { 'Chatelaine-Product': server.acme.product } });
  assert.equal(config.status, 200);
  await server.stop();
  const strange = await run(['serve', '--data', server.data, '--listen', '127.0.0.1:0', '--user', 'no-such-user']);
  assert.equal(strange.status, 1);
  assert.match(strange.stderr, /no user/);
});

test('the unit for systemd is exposed to less than 2.0 of 10', () => {
  const unit = fileURLToPath(new URL('../../packaging/systemd/chatelaine.service', import.meta.url));
  const text = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' });
  const score = Number(text.match(/Overall exposure level for chatelaine.service: ([\d.]+)/)?.[1]);
  assert.ok(score < 2, `the score is ${score}`);
});

test('the unit for systemd starts the server again for as long as its database is away', () => {
  const unit = readFileSync(new URL('../../packaging/systemd/chatelaine.service', import.meta.url), 'utf8');
  assert.match(unit, /^Restart=always$/m);
  assert.match(unit.split('[Service]')[0], /^StartLimitIntervalSec=0$/m, 'systemd gives up after five starts in ten seconds');
});
