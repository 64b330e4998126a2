// SPDX-License-Identifier: Apache-2.0
// The real binary in a data directory of its own. Whatever a test starts here ends with the test, and the test fails
// where the server did not end cleanly or a sanitizer had something to say.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onPostgres, sharedPostgres, storeOf, useStore } from './postgres.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const binary = process.env.CHATELAINE_BINARY ?? join(root, 'build/chatelaine');
/** Built without sanitizers: for tests that measure time. */
export const plainBinary = process.env.CHATELAINE_PLAIN_BINARY ?? binary;

const sanitizerWords = /(Address|Leak|Thread|UndefinedBehavior|Memory)Sanitizer|runtime error:/;

export async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

export function temporaryDirectory(t) {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs the command line; gives { status, stdout, stderr } whatever came of it. `input` goes to its standard input. */
export function run(args, { input = '', env = {}, program = binary } = {}) {
  return new Promise((done) => {
    const child = execFile(program, args, { env: { ...process.env, ...storeOf(args), ...env }, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      assert.doesNotMatch(stderr, sanitizerWords);
      done({ status: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    });
    child.stdin.on('error', () => {}); // it may end without having read
    child.stdin.end(input);
  });
}

/** The same where it must succeed, with --json: gives the value. */
export async function chatelaine(...args) {
  const { status, stdout, stderr } = await run([...args, '--json']);
  assert.equal(status, 0, `chatelaine ${args.join(' ')}: ${stderr || stdout}`);
  return stdout.trim() === '' ? null : JSON.parse(stdout);
}

export class Server {
  #child = null;
  #ended = null;
  stderr = '';
  stdout = '';

  constructor(directory, program) {
    this.data = join(directory, 'data');
    this.directory = directory;
    this.program = program;
    this.environments = {};
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, again on the same port where it ran before, and waits until it is ready. */
  async start(args = this.args ?? []) {
    this.args = args;
    this.port ??= await freePort();
    this.#child = spawn(this.program, ['serve', '--data', this.data, '--listen', `127.0.0.1:${this.port}`,
      ...(args.includes('--threads') ? [] : ['--threads', '2']), ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...storeOf(['--data', this.data]), ...this.env } });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.#child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.#ended = new Promise((done) => this.#child.once('close', (code, signal) => done({ code, signal })));
    const startedAt = Date.now();
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`the server ended at once:\n${this.stderr}`);
      if (Date.now() - startedAt > 20_000) throw new Error(`the server was not ready within 20 s:\n${this.stderr}`);
      const ready = await fetch(`${this.url}/readyz`).then((response) => response.ok, () => false);
      if (ready) return this;
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  get pid() {
    return this.#child?.pid;
  }

  /** As an operator ends it; it must end with 0, and leave nothing for a sanitizer to complain about. */
  async stop() {
    if (!this.#child) return;
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), 30_000);
    const { code, signal } = await this.#ended;
    clearTimeout(late);
    this.#child = null;
    assert.doesNotMatch(this.stderr, sanitizerWords, 'a sanitizer has found something');
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the server did not end cleanly:\n${this.stderr.slice(-4000)}`);
  }

  /** As a power cut ends it. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ended;
    this.#child = null;
    assert.doesNotMatch(this.stderr, sanitizerWords);
  }

  /** The log so far, a value a line. */
  log() {
    return this.stderr.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** Brings an environment to what `document` says: { product, environment, publishableKey, … }. */
  async apply(document, { product = 'acme', environment = 'test' } = {}) {
    const file = join(this.directory, `${product}-${environment}.json`);
    writeFileSync(file, JSON.stringify(document));
    return (this.environments[`${product}/${environment}`] = await chatelaine(
      'environment', 'apply', '--data', this.data, '--product', product, '--environment', environment, '-f', file));
  }

  chatelaine(...args) {
    return chatelaine(...args, '--data', this.data);
  }

  /** The signing secret of an HMAC issuer, or the secret that signs tool calls: shown this once. */
  async newSecret(what, { product = 'acme', environment = 'test', action = 'generate', more = [] } = {}) {
    const purpose = what === 'tools' ? ['--purpose', 'tool-signing'] : ['--issuer', what];
    return (await this.chatelaine('secret', action, '--product', product, '--environment', environment, ...purpose, ...more)).secret;
  }

  /** A key for backends (`sk_…`), shown this once. */
  async newSecretKey({ product = 'acme', environment = 'test' } = {}) {
    return (await this.chatelaine('key', 'issue', '--secret', '--product', product, '--environment', environment)).key;
  }

  /** What the command line has changed reaches a running server within a moment: wait for it. */
  async settled() {
    await new Promise((done) => setTimeout(done, 1500));
  }

  fetch(path, { key, headers = {}, ...options } = {}) {
    return fetch(this.url + path, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...options, headers: { ...(key && { 'Chatelaine-Key': key }), ...headers } });
  }
}

/** A server on a fresh data directory, running, stopped when the test ends. `document` makes the environment `acme/test`, whose
 *  ids and key then stand in `server.acme`; `prepare(server)` may do more before it starts. */
export async function startServer(t, { document = null, args = ['--allow-private-egress'], program = binary, env = {}, prepare = null, store = null } = {}) {
  const server = new Server(temporaryDirectory(t), program);
  if (store || onPostgres) useStore(server.data, store ?? sharedPostgres().fresh());
  server.env = env;
  t.after(() => server.stop());
  await chatelaine('init', '--data', server.data);
  if (document) server.acme = await server.apply(document);
  await prepare?.(server);
  return server.start(args);
}
