// SPDX-License-Identifier: Apache-2.0
// With CHATELAINE_TEST_STORE=postgres the servers of a test file keep everything in PostgreSQL: one server of its own for
// the file, a schema for each data directory, whose URL stands in a file beside it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../postgres.sh', import.meta.url));
export const onPostgres = process.env.CHATELAINE_TEST_STORE === 'postgres';

/** A PostgreSQL server of a test's own; ends with this process. */
export class Postgres {
  #schemas = 0;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'chatelaine-postgres-'));
    this.url = this.do('start', String(process.pid));
    process.once('exit', () => {
      this.do('stop');
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  /** tests/postgres.sh COMMAND its-directory …: kill, again, pause, continue, sql. */
  do(command, ...more) {
    return execFileSync(script, [command, this.directory, ...more], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  }

  /** The URL of an empty schema. */
  fresh() {
    const schema = `test_${++this.#schemas}`;
    this.do('sql', `CREATE SCHEMA ${schema}`);
    return `${this.url}&options=-csearch_path%3D${schema}`;
  }
}

let shared = null;
export const sharedPostgres = () => (shared ??= new Postgres());

/** From now on commands with this data directory use this store. */
export function useStore(data, url) {
  writeFileSync(join(dirname(data), 'store'), url);
}

/** The environment for a command with these arguments. */
export function storeOf(args) {
  const at = args.indexOf('--data');
  const file = at < 0 ? '' : join(dirname(args[at + 1]), 'store');
  return file && existsSync(file) ? { CHATELAINE_STORE: readFileSync(file, 'utf8') } : {};
}

const urlOf = (data) => storeOf(['--data', data]).CHATELAINE_STORE;

/** Runs a statement on the database of that data directory, whichever it is; gives what it prints. */
export function sql(data, statement) {
  const url = urlOf(data);
  const [program, ...args] = url ? [join(sharedPostgres().do('bin'), 'psql'), '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', url, '-c', statement]
    : ['sqlite3', '-cmd', '.timeout 5000', join(data, 'chatelaine.db'), statement];
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
}

/** All that stands in it, as text. */
export function everythingStored(data) {
  const url = urlOf(data);
  const [program, ...args] = url ? [join(sharedPostgres().do('bin'), 'pg_dump'), '--data-only', '--inserts', '--schema', decodeURIComponent(url).match(/search_path=(\w+)/)[1], '-d', url]
    : ['sqlite3', '-cmd', '.timeout 5000', join(data, 'chatelaine.db'), '.dump'];
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 256 << 20 });
}
