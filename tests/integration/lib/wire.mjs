// SPDX-License-Identifier: Apache-2.0
// What tests of the wire need: the small server of tests/unit/http, raw connections, and answers read one by one.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { binary } from './server.mjs';

const hello = process.env.HELLO_SERVER ?? join(dirname(binary), 'tests/unit/http/hello_server');

/** Starts the small server with these options; it ends with the test, which fails where it did not end cleanly. */
export async function startHello(t, ...options) {
  assert.ok(existsSync(hello), `${hello} is missing: configure with -Dtests=true, or name it in HELLO_SERVER`);
  const args = options.includes('--listen') ? options : ['--listen', '127.0.0.1:0', ...options];
  const child = spawn(hello, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { child, pid: child.pid, stderr: '', stdout: '' };
  child.stderr.on('data', (data) => (server.stderr += data));
  const ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal })));
  server.port = await new Promise((done, fail) => {
    child.stdout.on('data', (data) => {
      server.stdout += data;
      const line = /\{"port":(\d+)\}/.exec(server.stdout);
      if (line) done(Number(line[1]));
    });
    ended.then(({ code }) => fail(new Error(`hello_server ended with ${code}: ${server.stderr}`)));
  });
  server.url = `http://127.0.0.1:${server.port}`;
  server.metrics = async () => {
    const response = await fetch(`${server.url}/metrics`, { headers: { connection: 'close' } });
    return response.json();
  };
  server.stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    return ended;
  };
  t.after(async () => {
    const { code, signal } = await server.stop();
    assert.deepEqual({ code, signal, stderr: /Sanitizer|runtime error/.test(server.stderr) ? server.stderr : '' }, { code: 0, signal: null, stderr: '' });
  });
  return server;
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until `condition()` holds; it is asked every 20 ms. */
export async function until(condition, { within = 5000, what = 'what was waited for' } = {}) {
  const end = Date.now() + within;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what} did not come within ${within} ms`);
    await sleep(20);
  }
}

/** One answer at the start of `bytes` (a latin1 string): { status, headers, body, length }, or null where it is not whole. */
export function readAnswer(bytes, { head = false, ended = false } = {}) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  assert.ok(status, `a status line: ${first}`);
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  let at = end + 4;
  if (head || status < 200 || status === 204 || status === 304) return { status, headers, body: '', length: at };
  if (headers.get('transfer-encoding') === 'chunked') {
    let body = '';
    for (;;) {
      const line = bytes.indexOf('\r\n', at);
      if (line < 0) return null;
      const size = Number.parseInt(bytes.slice(at, line), 16);
      if (bytes.length < line + 2 + size + 2) return null;
      body += bytes.slice(line + 2, line + 2 + size);
      at = line + 2 + size + 2;
      if (size === 0) return { status, headers, body, length: at };
    }
  }
  if (headers.has('content-length')) {
    const length = Number(headers.get('content-length'));
    return bytes.length < at + length ? null : { status, headers, body: bytes.slice(at, at + length), length: at + length };
  }
  return ended ? { status, headers, body: bytes.slice(at), length: bytes.length } : null;
}

/** A raw connection. `received` is all that has come (latin1); `ended` and `error` say how it closed. */
export class Wire {
  received = '';
  ended = false;
  error = null;

  constructor(port, { host = '127.0.0.1', path } = {}) {
    this.socket = path ? connect({ path, allowHalfOpen: true }) : connect({ port, host, allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on('data', (data) => (this.received += data.toString('latin1')));
    this.socket.on('end', () => (this.ended = true));
    this.socket.on('error', (error) => (this.error = error));
    this.socket.on('close', () => (this.ended = true));
    this.opened = new Promise((done) => this.socket.once('connect', done).once('error', done));
  }

  async send(text) {
    await this.opened;
    if (!this.socket.destroyed) this.socket.write(Buffer.from(text, 'latin1'));
  }

  /** The next answer; it is taken off what was received. */
  async answer({ within = 4000, head = false } = {}) {
    let found = null;
    await until(() => (found = readAnswer(this.received, { head, ended: this.ended })) || this.ended, { within, what: `an answer (so far: ${JSON.stringify(this.received.slice(0, 200))})` });
    found ??= readAnswer(this.received, { head, ended: true });
    assert.ok(found, `an answer before the end: ${JSON.stringify(this.received)} ${this.error ?? ''}`);
    this.received = this.received.slice(found.length);
    return found;
  }

  async end({ within = 4000 } = {}) {
    await until(() => this.ended, { within, what: 'the end of the connection' });
  }

  close() {
    this.socket.destroy();
  }
}

export function wire(t, port, options) {
  const connection = new Wire(port, options);
  t.after(() => connection.close());
  return connection;
}

export const get = (target, fields = '') => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;

/** Resident memory of a process in bytes. */
export const residentMemory = (pid) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

/** Runs a program; gives { status, stdout, stderr }. */
export function execute(program, args, { input } = {}) {
  return new Promise((done) => {
    const child = execFile(program, args, { maxBuffer: 64 << 20, encoding: 'latin1' }, (error, stdout, stderr) => done({ status: error ? (error.code ?? error.signal) : 0, stdout, stderr }));
    if (input !== undefined) child.stdin.end(input);
  });
}

/** A certificate and its key for `names`, made by openssl: { certificate, key, directory }. */
export async function makeCertificate(t, ...names) {
  const directory = mkdtempSync(join(tmpdir(), 'http-tls-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const certificate = join(directory, 'certificate.pem');
  const key = join(directory, 'key.pem');
  const alternative = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
  const made = await execute('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${names[0]}`, '-addext', `subjectAltName=${alternative}`, '-keyout', key, '-out', certificate]);
  assert.equal(made.status, 0, made.stderr);
  return { certificate, key, directory };
}
