// SPDX-License-Identifier: Apache-2.0
// Runs the server and Acme Bank on this machine until Ctrl-C. The first run makes the data directory, the demo product
// and its secrets; later runs find them there. Secrets go from the command line tool into files that only you may read.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demoEnvironment } from './demo-environment.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
process.umask(0o077);

const settings = {
  binary: resolve(root, process.env.CHATELAINE_BINARY || 'build/chatelaine'),
  data: resolve(root, process.env.DATA || 'data'),
  host: '127.0.0.1',
  port: process.env.PORT || '8080',
  acmePort: process.env.ACME_PORT || '8081',
  mode: process.env.ACME_MODE || 'hmac',
  algorithm: process.env.ACME_ALG || 'RS256',
};
const serverUrl = `http://${settings.host}:${settings.port}`;
const acmeUrl = `http://${settings.host}:${settings.acmePort}`;
const demo = join(settings.data, 'demo');
const inDemo = (name) => join(demo, name);

class Failed extends Error {}

function refuseBusyPort(port, variable) {
  return new Promise((done, failed) => {
    const socket = connect({ host: settings.host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      failed(new Failed(`Port ${port} is taken on this machine. Stop what uses it, or choose another: make run ${variable}=…`));
    });
    socket.once('error', () => done());
  });
}

async function chatelaine(...args) {
  try {
    return (await run(settings.binary, args)).stdout;
  } catch (error) {
    throw new Failed(`chatelaine ${args[0]} ${args[1] ?? ''} did not work:\n${error.stderr || error.message}`);
  }
}

/** A secret that is shown only once: made on the first run, and kept in a file of mode 0600. */
async function keepSecret(file, ...args) {
  if (existsSync(inDemo(file))) return;
  const { secret } = JSON.parse(await chatelaine(...args, '--json'));
  writeFileSync(inDemo(file), `${secret}\n`, { mode: 0o600, flag: 'wx' });
}

/**
 * The demo's configuration, where it is not there yet or another was asked for (ACME_MODE, ACME_ALG): a second run leaves what
 * was changed in the dashboard meanwhile.
 */
async function apply(data, names, document) {
  const text = JSON.stringify(document, null, 2);
  const [file, result] = [inDemo('environment.json'), inDemo('applied.json')];
  if (existsSync(result) && readFileSync(file, 'utf8') === text) return JSON.parse(readFileSync(result, 'utf8'));
  writeFileSync(file, text);
  const applied = await chatelaine('environment', 'apply', ...data, ...names, '-f', file, '--json');
  writeFileSync(result, applied);
  return JSON.parse(applied);
}

/** Data directory, product, environment, keys and secrets: whatever of them is not there yet. */
async function prepare() {
  mkdirSync(demo, { recursive: true, mode: 0o700 });
  const data = ['--data', settings.data];
  if (!existsSync(join(settings.data, 'master.key'))) await chatelaine('init', ...data);
  const document = demoEnvironment({ acmeUrl, keys: settings.mode === 'jwks' ? 'jwks' : null, algorithm: settings.algorithm });
  const names = ['--product', 'acme', '--environment', 'demo'];
  const applied = await apply(data, names, document);
  await keepSecret('signing-secret', 'secret', 'generate', ...data, ...names, '--issuer', 'acme');
  await keepSecret('tool-secret', 'secret', 'generate', ...data, ...names, '--purpose', 'tool-signing');
  return applied;
}

async function installAcme() {
  const directory = join(root, 'examples/acme-bank');
  const lock = readFileSync(join(directory, 'package-lock.json'), 'utf8');
  const stamp = join(directory, 'node_modules/.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  await run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: directory });
  writeFileSync(stamp, lock);
}

let logged = 0; // how long the server's log was before it started
const children = []; // { name, child, logFile, ended: Promise<string> }
let stopping = false;

/** In a process group of its own: Ctrl-C in the terminal reaches this script alone, which then stops them in order. */
function start(name, command, args, environment) {
  const logFile = inDemo(`${name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', log, log], detached: true });
  const ended = new Promise((done) => {
    child.once('exit', (code, signal) => done(signal ?? `exit status ${code}`));
    child.once('error', (error) => done(error.message));
  });
  const entry = { name, child, logFile, ended };
  ended.then((how) => {
    if (!stopping) stop(new Failed(`${name} has ended (${how}); the end of its log, ${shown(logFile)}:\n${tail(logFile)}`));
  });
  children.push(entry);
}

const tail = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');

async function untilReady(url) {
  for (let tries = 0; tries < 150 && !stopping; tries++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch { /* not listening yet */ }
    await new Promise((done) => setTimeout(done, 100));
  }
  if (!stopping) throw new Failed(`${url} did not get ready within 15 seconds`);
}

/** Ends both, each by its own process id, the later one first. */
async function stop(error = null) {
  if (stopping) return;
  stopping = true;
  for (const { child, ended } of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null || !child.pid) continue;
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(kill);
  }
  if (error) console.error(error instanceof Failed ? `\n${error.message}` : error);
  else console.log('\nStopped. Your data is where it was.');
  process.exit(error ? 1 : 0);
}

/** Short where it lies below the project, else in full. */
function shown(path) {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short || '.';
}

/** Where the first administrator is made: the server says it at each start until there is one. */
const setupLink = () => readFileSync(inDemo('chatelaine.log'), 'utf8').slice(logged).match(/http\S+\/setup#\S+/)?.[0];

function welcome() {
  const link = setupLink();
  const bold = process.stdout.isTTY ? (text) => `\u001b[1m${text}\u001b[0m` : (text) => text;
  console.log(`
  ${bold('Acme Bank')}    ${acmeUrl}    the page with the chat: open this one
  ${bold('Dashboard')}    ${serverUrl}    the administrator's house${link ? `; become its first administrator here, once:\n\n               ${link}\n` : ''}
  ${bold('Data')}         ${shown(settings.data)}    logs and the demo's secrets in ${shown(demo)}

  Ask the chat "What are your business hours?", then "What is my balance?".
  Sign in as Ada or as Bob; their passwords are on Acme's sign-in form.
  Ctrl-C stops both.
`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop());
// Whoever ends make alone (a supervisor, timeout) ends the demo too, although it has the terminal's signals to itself.
if (process.env.STARTED_BY)
  setInterval(() => {
    try {
      process.kill(Number(process.env.STARTED_BY), 0);
    } catch {
      stop();
    }
  }, 1000).unref();

try {
  await refuseBusyPort(settings.port, 'PORT');
  await refuseBusyPort(settings.acmePort, 'ACME_PORT');
  await installAcme();
  const applied = await prepare();
  start('acme-bank', process.execPath, ['examples/acme-bank/server.mjs'], {
    ACME_HOST: settings.host, ACME_PORT: settings.acmePort, ACME_MODE: settings.mode, ACME_ALG: settings.algorithm,
    ACME_SECRET_FILE: inDemo('signing-secret'), ACME_TOOL_SECRET_FILE: inDemo('tool-secret'),
    CHATELAINE_URL: serverUrl, CHATELAINE_PRODUCT: applied.product, CHATELAINE_KEY: applied.publishableKey,
  });
  logged = existsSync(inDemo('chatelaine.log')) ? readFileSync(inDemo('chatelaine.log'), 'utf8').length : 0;
  start('chatelaine', settings.binary, ['serve', '--data', settings.data, '--listen', `${settings.host}:${settings.port}`, '--allow-private-egress'], {});
  await untilReady(`${acmeUrl}/healthz`);
  await untilReady(`${serverUrl}/readyz`);
  if (!stopping) welcome();
} catch (error) {
  await stop(error);
}
