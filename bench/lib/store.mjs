// SPDX-License-Identifier: Apache-2.0
// The store: durable messages a second on both engines beside what the engine itself can, and a database with a hundred thousand
// environments, of which few are in use.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { binary } from './chatelaine.mjs';
import { freePort } from './processes.mjs';
import { median, noise, percent, percentile, table, thousands, times } from './statistics.mjs';

const execute = promisify(execFile);
const script = fileURLToPath(new URL('../../tests/postgres.sh', import.meta.url));
const writers = 64;
const writing = 4; // the store's connections that write
const limitRows = 60_000;

/** On every core: what is measured here has threads and servers of its own. */
const everywhere = (place, ...words) => ['taskset', '--cpu-list', `${place.cores.server},${place.cores.load}`, ...words].map(String);

async function runEverywhere(place, words, options = {}) {
  const [program, ...args] = everywhere(place, ...words);
  return (await execute(program, args, { maxBuffer: 16 << 20, ...options })).stdout;
}

export class Postgres {
  #schemas = 0;

  static async start(place) {
    const one = new Postgres();
    one.directory = mkdtempSync(join(tmpdir(), 'chatelaine-bench-'));
    one.url = (await runEverywhere(place, [script, 'start', one.directory, process.pid])).trim();
    one.bin = execFileSync(script, ['bin'], { encoding: 'utf8' }).trim();
    return one;
  }

  sql(text) {
    return execFileSync(script, ['sql', this.directory, text], { encoding: 'utf8', maxBuffer: 16 << 20 });
  }

  fresh() {
    this.schema = `bench_${++this.#schemas}`;
    this.sql(`CREATE SCHEMA ${this.schema}`);
    return `${this.url}&options=-csearch_path%3D${this.schema}`;
  }

  stop() {
    execFileSync(script, ['stop', this.directory]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/* ---- messages ---- */

/** The statements that store a message, as the store prepares them: pgbench fills in what it draws. */
function pgbenchScript(batch) {
  const advance = `UPDATE conversations SET last_position = last_position + 1, updated_at = :now WHERE environment_id = 'env_bench' AND id = :conversation::text
 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.environment_id = 'env_bench' AND m.conversation_id = :conversation::text AND m.client_id = 'writer-0000-message-' || :client::text);`;
  const insert = `INSERT INTO messages (environment_id, conversation_id, position, id, role, text, state, client_id, created_at)
 SELECT c.environment_id, c.id, c.last_position, 'msg_00000000000000000000' || :client::text, 'visitor', 'What is the balance of my savings account, and when was the last transfer to it, please? Thank you.', 'accepted', 'writer-0000-message-' || :client::text, :now
 FROM conversations c WHERE c.environment_id = 'env_bench' AND c.id = :conversation::text
 AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.environment_id = 'env_bench' AND m.conversation_id = :conversation::text AND m.client_id = 'writer-0000-message-' || :client::text) RETURNING position;`;
  const one = `\\set conversation :client_id * 100 + random(1, 32)\n\\set client random(100000000000, 999999999999)\n${advance}\n${insert}\n`;
  return `\\set now 1700000000000\n\\startpipeline\nBEGIN;\n${one.repeat(batch)}COMMIT;\n\\endpipeline\n`.replaceAll('\n ', ' ');
}

/** As many connections as the store writes by, in batches of `batch`: messages a second. */
async function pgbench(place, postgres, batch, seconds) {
  const url = postgres.fresh();
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-bench-data-'));
  execFileSync(binary, ['init', '--data', data, '--store', url], { stdio: 'ignore' });
  rmSync(data, { recursive: true });
  const rows = Array.from({ length: writing }, (_, client) => Array.from({ length: 32 }, (_, i) => `('env_bench', '${client * 100 + i + 1}', 'vis', '', 0, 0, 0)`)).flat();
  postgres.sql(`SET search_path = ${postgres.schema}; INSERT INTO conversations (environment_id, id, visitor_id, title, created_at, updated_at, last_position) VALUES ${rows}`);
  const file = join(postgres.directory, 'pgbench.sql');
  writeFileSync(file, pgbenchScript(batch));
  const said = await runEverywhere(place, [`${postgres.bin}/pgbench`, '-n', '-M', 'prepared', '-c', writing, '-j', 1, '-T', seconds, '-f', file, url]);
  return Number(/^tps = ([\d.]+)/m.exec(said)[1]) * batch;
}

async function benchMessages(place, postgres, options) {
  const load = join(place.out, 'store_load');
  const measure = async (...words) => JSON.parse(await runEverywhere(place, [load, ...words]));
  const cases = { 'SQLite: one transaction': [], 'SQLite: alone, commits as large as ours': [], 'SQLite: 64 writers': [], 'SQLite: one commit a message': [], 'PostgreSQL: pgbench': [], 'PostgreSQL: 64 writers': [], 'PostgreSQL: one commit a message': [] };
  const batches = [];
  for (let round = 0; round < options.rounds; round++) {
    const directory = mkdtempSync(join(place.out, 'store-')); // where the disk is, not memory
    const file = (name) => join(directory, name);
    cases['SQLite: one transaction'].push((await measure('limit', file('limit.db'), limitRows)).rate);
    const ours = await measure('group', file('group.db'), options.seconds, writers);
    cases['SQLite: 64 writers'].push(ours.rate);
    const rows = Math.max(1, Math.round(ours.writes / ours.commits));
    cases['SQLite: alone, commits as large as ours'].push((await measure('limit', file('batches.db'), limitRows, rows)).rate);
    cases['SQLite: one commit a message'].push((await measure('group', file('single.db'), options.seconds, 1)).rate);
    const group = await measure('group', postgres.fresh(), options.seconds, writers);
    cases['PostgreSQL: 64 writers'].push(group.rate);
    batches.push(Math.max(1, Math.round(group.writes / group.commits)));
    cases['PostgreSQL: pgbench'].push(await pgbench(place, postgres, batches.at(-1), options.seconds));
    cases['PostgreSQL: one commit a message'].push((await measure('group', postgres.fresh(), options.seconds, 1)).rate);
    rmSync(directory, { recursive: true });
  }
  const against = (name) => cases[name.startsWith('SQLite') ? 'SQLite: one transaction' : 'PostgreSQL: pgbench'];
  const rows = Object.entries(cases).map(([name, rates]) => [name, thousands(median(rates)), percent(noise(rates)), times(median(rates.map((rate, i) => rate / against(name)[i])))]);
  console.log(`\nDurable messages (goals: of one transaction 0.6, of pgbench 0.7; pgbench in batches of ${batches.join(', ')} as the 64 writers' commits were)\n`);
  console.log(table(['', 'messages/s', 'noise', 'of the limit'], rows));
  return { cases, batches };
}

/* ---- many environments ---- */

const many = 100_000;
const keyOf = (i) => `pk_${String(i).padStart(43, '0')}`;
const config = JSON.stringify({
  origins: ['https://acme.example'], assistant: { kind: 'rules', greeting: 'Hello.', suggestions: ['What can you do?'], fallback: 'I do not know that.' },
  signIn: { enforcement: 'optional', issuers: [{ name: 'acme', mode: 'hmac', issuer: 'https://acme.example', audiences: ['chat'] }] },
});
const environmentsSql = (numbers, pad) => [
  "INSERT INTO products (id, name, created_at) VALUES ('prod_bench', 'many', 0);",
  `INSERT INTO environments (id, product_id, name, config, version, created_at, updated_at) SELECT 'env_' || ${pad}, 'prod_bench', 'e' || ${pad}, '${config}', 1, 0, 0 FROM ${numbers};`,
  `INSERT INTO keys (environment_id, id, kind, lookup, text, created_at) SELECT 'env_' || ${pad}, 'key_' || ${pad}, 'publishable', 'pk_' || ${pad}, 'pk_' || ${pad}, 0 FROM ${numbers};`,
];

const residentKb = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** Starts the server on `store` and uses `used` of its environments for the first time. */
async function useSome(place, data, store, used) {
  const port = await freePort();
  const [program, ...args] = everywhere(place, binary, 'serve', '--data', data, '--store', store, '--listen', `127.0.0.1:${port}`, '--threads', 1, '--rate-limit', 0);
  const begun = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const ended = new Promise((done) => child.once('close', done));
  try {
    while (!(await fetch(`http://127.0.0.1:${port}/readyz`).then((response) => response.ok, () => false)));
    const start = performance.now() - begun;
    const use = async (i) => {
      const asked = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/sdk/config`, { headers: { 'Chatelaine-Key': keyOf(i) } });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`/sdk/config answered ${response.status} for ${keyOf(i)}`);
      return performance.now() - asked;
    };
    const first = [];
    for (let i = 0; used > 0 && i < 20; i++) await use(1); // the client's and the connection's own beginnings
    const before = residentKb(child.pid);
    for (let i = 0; i < used; i++) first.push(await use(2 + Math.floor((i * (many - 2)) / used)));
    return { start, first, empty: before, grown: residentKb(child.pid) - before };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function benchEnvironments(place, postgres, options) {
  const data = mkdtempSync(join(place.out, 'environments-'));
  const url = { SQLite: join(data, 'chatelaine.db'), PostgreSQL: postgres.fresh() };
  execFileSync(binary, ['init', '--data', data], { stdio: 'ignore' });
  execFileSync(binary, ['init', '--data', data, '--store', url.PostgreSQL], { stdio: 'ignore' });
  const sqlite = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many}) `;
  const [product, environments, keys] = environmentsSql('n', "printf('%043d', i)");
  execFileSync('sqlite3', [url.SQLite, `BEGIN; ${product} ${sqlite}${environments} ${sqlite}${keys} COMMIT;`]);
  postgres.sql(`SET search_path = ${postgres.schema}; ${environmentsSql(`generate_series(1, ${many}) i`, "lpad(i::text, 43, '0')").join(' ')} ANALYZE environments, keys;`);
  const found = {};
  const rows = [];
  const alone = mkdtempSync(join(place.out, 'environments-none-'));
  execFileSync(binary, ['init', '--data', alone], { stdio: 'ignore' });
  const none = [];
  for (let i = 0; i < options.rounds; i++) none.push((await useSome(place, alone, join(alone, 'chatelaine.db'), 0)).start);
  rows.push(['SQLite, none at all', median(none).toFixed(0), '', '', '', '', '']);
  rmSync(alone, { recursive: true });
  for (const [engine, store] of Object.entries(url)) {
    const starts = [];
    for (let i = 0; i < options.rounds; i++) starts.push((await useSome(place, data, store, 0)).start);
    const few = await useSome(place, data, store, 200);
    const more = await useSome(place, data, store, 2000);
    found[engine] = { starts, few, more };
    rows.push([engine, median(starts).toFixed(0), median(few.first).toFixed(2), percentile(few.first, 0.99).toFixed(2), (few.empty / 1024).toFixed(1), (few.grown / 200).toFixed(1), (more.grown / 2000).toFixed(1)]);
  }
  rmSync(data, { recursive: true });
  console.log(`\n${thousands(many)} environments in the database (goals: start 100 ms, first use 5 ms)\n`);
  console.log(table(['', 'start ms', 'first use ms', 'p99', 'empty MiB', 'KiB each of 200', 'of 2,000'], rows));
  return found;
}

export async function benchStore(place, options) {
  mkdirSync(place.out, { recursive: true });
  const postgres = await Postgres.start(place);
  try {
    const report = {};
    if (options.only.test('messages')) report.messages = await benchMessages(place, postgres, options);
    if (options.only.test('environments')) report.environments = await benchEnvironments(place, postgres, options);
    return report;
  } finally {
    postgres.stop();
  }
}
