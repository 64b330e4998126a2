// SPDX-License-Identifier: Apache-2.0
// Processes on one core each: starting, measuring and ending them.
import { execFile, spawn } from 'node:child_process';
import { openSync, readFileSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Two cores of those this process may use: contenders run on one, what asks them on the other. */
export function chooseCores() {
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  const cores = list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (cores.length < 2) throw new Error('This needs two cores: one for who answers, one for who asks.');
  return { server: cores.at(-1), load: cores[0] };
}

export async function pinSelf(core) {
  await execute('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(process.pid)]);
}

/** Runs a command on a core to its end; gives its standard output. */
export async function runOn(core, command, args, options = {}) {
  const { stdout } = await execute('taskset', ['--cpu-list', String(core), command, ...args], { maxBuffer: 1 << 24, ...options });
  return stdout;
}

export async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

function childrenOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** Nanoseconds that a process has run so far, in user and kernel mode, all its threads together. */
function ranNanoseconds(pid) {
  // The same time that utime + stime of /proc/PID/stat tell in steps of 10 ms.
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return sum;
}

const running = new Set();

export class Process {
  /** Starts it on a core; its output goes to `logFile`. */
  constructor(core, command, args, logFile, options = {}) {
    const log = openSync(logFile, 'w', 0o600);
    this.logFile = logFile;
    this.child = spawn('taskset', ['--cpu-list', String(core), command, ...args], { stdio: ['ignore', log, log], ...options });
    this.ended = new Promise((done) => {
      this.child.once('exit', (code, signal) => done(signal ?? `exit status ${code}`));
      this.child.once('error', (error) => done(error.message));
    });
    running.add(this);
    this.ended.then(() => running.delete(this));
  }

  get pid() {
    return this.child.pid; // taskset has become the command
  }

  get hasEnded() {
    return !running.has(this);
  }

  /** Processor time so far in µs, its children's included. */
  processorMicroseconds() {
    return [this.pid, ...childrenOf(this.pid)].reduce((sum, pid) => sum + ranNanoseconds(pid), 0) / 1000;
  }

  /** Resident memory in bytes; `RssAnon`: only what is the process's own, without the libraries' pages. */
  residentBytes(what = 'VmRSS') {
    return Number(new RegExp(`^${what}:\\s*(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) * 1024;
  }

  /** Until something listens on the port. */
  async listening(port) {
    const late = Date.now() + 15_000;
    for (;;) {
      if (this.hasEnded) throw new Error(`${this.child.spawnargs[3]} has ended (${await this.ended}):\n${readFileSync(this.logFile, 'utf8').slice(-2000)}`);
      if (await canConnect(port)) return this;
      if (Date.now() > late) throw new Error(`${this.child.spawnargs[3]} does not listen after 15 s; see ${this.logFile}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async stop() {
    if (this.hasEnded) return;
    this.child.kill('SIGTERM');
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    await this.ended;
    clearTimeout(kill);
  }
}

export const stopAll = () => Promise.all([...running].map((one) => one.stop()));

function canConnect(port) {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.destroy(done(true)));
    socket.once('error', () => done(false));
  });
}
