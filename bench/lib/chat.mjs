// SPDX-License-Identifier: Apache-2.0
// A chat turn with the rule assistant: how long a visitor waits, what of it is the disk's, and where the processor's time goes.
import { execFile, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readMetric, startChatelaine } from './chatelaine.mjs';
import { median, micro, noise, percent, table, thousands } from './statistics.mjs';

const execute = promisify(execFile);
const walFrame = 4096 + 24; // a page in SQLite's write-ahead log, with its header

/** A program on a core, ahead of everything else there where the options ask for that. */
const command = (place, core, ...words) => [...(place.realtime ? ['chrt', '--fifo', '10'] : []), 'taskset', '--cpu-list', core, ...words].map(String);

/** One commit without a database: so many pages written as SQLite writes them, then fdatasync: { p50, p90, … } in µs. */
async function measureCommit(place, data, pages) {
  const [program, ...args] = command(place, place.cores.server, join(place.out, 'chat_load'), 'commit', join(data, 'bench-of-the-disk'), Math.max(1, Math.round(pages)));
  return JSON.parse((await execute(program, args)).stdout).commit;
}

/** Bytes that a process has written to files. */
const writtenBytes = (pid) => Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);

async function readCounters(contender) {
  return { processor: contender.process.processorMicroseconds(), written: writtenBytes(contender.process.pid), commits: await readMetric(contender, 'chatelaine_store_commits_total') };
}

/** Lets visitors talk: { turns, accepted, done (µs), processor (µs a turn), commits (a turn), pages (a commit), commit (µs) }. `during`
 *  is called when the measured time begins. */
async function talk(place, contender, prepared, tokens, { visitors, think, seconds }, during = () => {}) {
  const environment = prepared.environments.HS256;
  const target = `/v1/session?product=${environment.product}&key=${environment.key}`;
  const [program, ...args] = command(place, place.cores.load, join(place.out, 'chat_load'), contender.port, target, visitors, think, seconds, tokens);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  let before;
  child.stderr.on('data', (text) => (complaint += text));
  child.stdout.on('data', (text) => {
    said += text;
    if (!before && said.startsWith('begun')) before = readCounters(contender).then((counters) => [counters, during()][0]);
  });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`chat_load ended with ${code}: ${complaint}`);
  const after = await readCounters(contender);
  const first = await before;
  const found = JSON.parse(said.trim().split('\n').at(-1));
  const commits = after.commits - first.commits;
  const pages = (after.written - first.written) / commits / walFrame;
  return {
    ...found, rate: found.turns / found.seconds, processor: (after.processor - first.processor) / found.turns, commits: commits / found.turns,
    pages, commit: await measureCommit(place, prepared.data, pages),
  };
}

/* ---- where the time goes ---- */

/** The first whose expression fits a function on the stack is the layer that the sample belongs to. */
const layers = [
  ['commit: write-ahead log to the disk', /^(sqlite3BtreeCommitPhaseOne|sqlite3PagerCommitPhaseOne|sqlite3Wal(Frames|Checkpoint)|sqlite3Checkpoint)/],
  ['store: SQL', /^(commit_waiting|write_group|threads_work_|database_|sqlite3_)/],
  ['verification', /^(verifier_|session_identity_wait|identity_)/],
  ['environment looked up', /^environment_/],
  ['limits', /^(limit_|session_admit)/],
  ['assistant', /^assistant_/],
  ['store: units of work made and read', /^(store_message_|unit_)/],
  ['socket writes', /^(connection_end_turn|flush|transport_write|__sys_sendto|__libc_send)/],
  ['socket reads', /^(transport_read|__sys_recvfrom|__libc_recv)/],
  ['JSON', /^(json_|append_piece|frame_read|turn_done_frame|turn_delta_frame|turn_answer_parts|frame_message|frame_new|frame_set)/],
  ['WebSocket frames', /^(websocket_|frame_)/],
  ['the session: all else of a message', /^(handle_|store_and_answer|answer_at_once|session_)/],
  ['fibers, messages between threads, the loop', /./],
];

function layerOf(stack) {
  return layers.find(([, expression]) => stack.some((name) => expression.test(name)))[0];
}

/** Shares of processor time by layer, from samples of perf; null where there is none. */
async function profile(place, contender, seconds) {
  const file = join(place.out, 'chat.perf');
  try {
    await execute('taskset', ['--cpu-list', String(place.cores.load), 'perf', 'record', '--quiet', '--freq', '1500', '--call-graph', 'dwarf,8192',
      '--pid', String(contender.process.pid), '--output', file, '--', 'sleep', String(seconds)]);
    const { stdout } = await execute('perf', ['script', '--input', file, '--fields', 'comm,ip,sym'], { maxBuffer: 1 << 28 });
    const counts = new Map();
    const stacks = stdout.split('\n\n').map((one) => one.split('\n').slice(1).map((line) => line.trim().split(/\s+/)[1] ?? '')).filter((stack) => stack.length > 0);
    for (const stack of stacks) counts.set(layerOf(stack), (counts.get(layerOf(stack)) ?? 0) + 1);
    return layers.map(([name]) => ({ name, share: (counts.get(name) ?? 0) / stacks.length }));
  } catch {
    return null; // no perf here, or no right to use it
  } finally {
    rmSync(file, { force: true });
  }
}

/* ---- all of it ---- */

/** Visitors who ask again at once show what a turn costs; visitors who think, how long one waits when the server is not full. */
const cases = [
  { name: '1 visitor, asks again at once', visitors: 1, think: 0 },
  { name: '64 visitors, each thinks 160 ms', visitors: 64, think: 160 },
  { name: '64 visitors, each thinks 64 ms', visitors: 64, think: 64 },
  { name: '64 visitors, all ask again at once', visitors: 64, think: 0 },
];

export async function benchChat(place, material, prepared, { rounds, seconds }) {
  const contender = await startChatelaine(place, prepared, { name: 'chatelaine-chat' });
  if (place.realtime) await execute('chrt', ['--all-tasks', '--fifo', '--pid', '10', String(contender.process.pid)]);
  const tokens = material.HS256.good;
  await talk(place, contender, prepared, tokens, { visitors: 64, think: 0, seconds: 0.5 });
  const results = cases.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, one] of cases.entries()) results[i].push(await talk(place, contender, prepared, tokens, { ...one, seconds }));
  let found = null;
  await talk(place, contender, prepared, tokens, { visitors: 64, think: 0, seconds: seconds + 1 }, () => (found = profile(place, contender, seconds)));
  const shares = await found;
  await contender.process.stop();

  const of = (i, value) => median(results[i].map(value));
  console.log('\nA chat turn with the rule assistant, its visitor signed in, question and answer durable; times in µs');
  console.log(table(['', 'turns/s', 'done p50', 'noise', 'p90', 'p99', 'one commit p50', 'server-added p50', 'processor a turn', 'commits a turn'], cases.map((one, i) => [
    one.name, thousands(of(i, (r) => r.rate)), thousands(of(i, (r) => r.done.p50)), percent(noise(results[i].map((r) => r.done.p50))), thousands(of(i, (r) => r.done.p90)), thousands(of(i, (r) => r.done.p99)),
    thousands(of(i, (r) => r.commit.p50)), thousands(of(i, (r) => r.done.p50 - r.commit.p50)), thousands(of(i, (r) => r.processor)), micro(of(i, (r) => r.commits)),
  ])));
  console.log('Goal: with 64 visitors who think, server-added p50 at most 500. Where all ask at once, 64 turns share one core: that row is about what a turn costs.');
  const processor = of(3, (r) => r.processor);
  if (shares) {
    console.log(`\nWhere the ${thousands(processor)} µs of a turn go (64 visitors, all ask again at once)`);
    console.log(table(['', 'µs', '%'], shares.map(({ name, share }) => [name, micro(share * processor), (share * 100).toFixed(1)])));
  } else console.log('\nNo profile by layer: perf is not there, or may not be used.');
  return { cases: cases.map((one, i) => ({ ...one, rounds: results[i] })), shares };
}
