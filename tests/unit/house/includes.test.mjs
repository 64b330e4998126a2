// SPDX-License-Identifier: Apache-2.0
// The rules of the house, checked by reading the #include lines of src/: arrows go down only, a folder's other headers
// are private to it, and each outside library has one folder that may use it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

// The order of the house is the order in which the root meson.build enters the folders: from the ground up.
const order = [...read('meson.build').matchAll(/^subdir\('src\/(\w+)'\)/gm)].map((match) => match[1]);

// Headers of the outside world that only these folders may use.
const owners = [
  [/^sqlite3\.h$|^libpq/, ['store']],
  [/^curl\//, ['egress']],
  [/^openssl\/ssl\.h$/, ['http', 'egress']], // egress: curl's trust store
  [/^(sys\/socket|sys\/un|netinet\/.*|arpa\/inet|netdb)\.h$/, ['http', 'egress', 'sandbox']], // egress: to judge addresses; sandbox: which may be made
  [/^ev\.h$/, ['base', 'http', 'egress']],
  [/^ucontext\.h$/, ['base']],
  [/^openssl\//, ['base', 'jose', 'vault', 'http', 'egress', 'tool_call', 'verifier', 'access', 'cli']],
  [/^pcre2\.h$/, ['schema']],
  [/^uni(case|ctype|norm|str)\.h$/, ['store', 'assistant', 'access']],
  [/^uniwidth\.h$/, ['cli']],
  [/^fido/, ['access']],
  [/^(seccomp|dlfcn|grp|sys\/prctl|sys\/syscall|linux\/(capability|landlock|seccomp))\.h$/, ['sandbox']],
  [/^sodium/, ['base', 'jose', 'access', 'cli']],
];

// Pure folders: no clock, no waiting, no files.
const pure = ['jose', 'identity', 'schema', 'tool'];
const impure = /^base\/(clock|fiber|job|loop|log|random)\.h$|^sys\/time\.h$|^unistd\.h$|^fcntl\.h$/;

const files = order.flatMap((folder) => readdirSync(new URL(`src/${folder}/`, root))
  .filter((name) => /\.[ch]$/.test(name))
  .map((name) => {
    const text = read(`src/${folder}/${name}`);
    const includes = [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]/gm)];
    return {
      folder, path: `src/${folder}/${name}`, text,
      ours: includes.filter((match) => match[1] === '"').map((match) => match[2]),
      outside: includes.filter((match) => match[1] === '<').map((match) => match[2]),
    };
  }));

/** Every breach at once, one a line, so that a failure says all there is to mend. */
function assertNone(breaches) {
  assert.deepEqual(breaches, []);
}
const eachInclude = (kind, judge) => files.flatMap((file) => file[kind].map((header) => judge(file, header)).filter(Boolean));

test('every folder under src stands in the order, and has files', () => {
  const there = readdirSync(new URL('src/', root), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  assert.deepEqual(there.sort(), [...order].sort());
  assert.ok(files.length > order.length);
});

test('an include of ours names its folder', () => {
  assertNone(eachInclude('ours', (file, header) => {
    const [folder, name, ...rest] = header.split('/');
    if (!order.includes(folder) || !name || rest.length) return `${file.path}: "${header}" is not "folder/header.h"`;
  }));
});

test('arrows go down only', () => {
  assertNone(eachInclude('ours', (file, header) => {
    const below = header.split('/')[0];
    if (order.indexOf(below) > order.indexOf(file.folder)) return `${file.path}: "${header}" stands above ${file.folder}`;
  }));
});

// A folder's door is the header of its own name. Where that would be long, it names, in its first comment, the doors of
// the subjects behind it, each in a line ` * - one.h another.h: what they are for`.
const doors = new Map(order.map((folder) => {
  const first = files.find((file) => file.path === `src/${folder}/${folder}.h`)?.text.match(/\n\/\*.*?\*\//s)?.[0] ?? '';
  const named = [...first.matchAll(/^ \* - ((?:\w+\.h ?)+):/gm)].flatMap((line) => line[1].trim().split(' '));
  return [folder, [`${folder}.h`, ...named]];
}));

test('another folder is entered by its door', () => {
  assertNone(eachInclude('ours', (file, header) => {
    const [folder, name] = header.split('/');
    const internal = /internal/.test(name);
    if (folder === file.folder || (folder === 'base' && !internal) || doors.get(folder).includes(name)) return;
    return `${file.path}: "${header}" is private to ${folder}`;
  }));
});

test('each door that a folder names is there, and does not say that it is private', () => {
  assertNone([...doors].flatMap(([folder, [, ...names]]) => names.map((name) => {
    const file = files.find((one) => one.path === `src/${folder}/${name}`);
    if (!file || file.text.includes(`/* Private to ${folder}/`)) return `src/${folder}/${name} is named as a door`;
  })).filter(Boolean));
});

test('http uses base alone, and only server uses http', () => {
  assertNone(eachInclude('ours', (file, header) => {
    const [folder] = header.split('/');
    if (file.folder === 'http' && !['http', 'base'].includes(folder)) return `${file.path}: "${header}"`;
    if (folder === 'http' && !['http', 'server'].includes(file.folder)) return `${file.path}: "${header}"`;
  }));
});

test('each outside library has its folder', () => {
  assertNone(eachInclude('outside', (file, header) => {
    const rule = owners.find(([pattern]) => pattern.test(header));
    if (rule && !rule[1].includes(file.folder)) return `${file.path}: <${header}> belongs to ${rule[1].join(', ')}`;
  }));
});

test('pure folders have no clock, no randomness and no input or output', () => {
  const judge = (file, header) => {
    if (pure.includes(file.folder) && impure.test(header)) return `${file.path}: ${header}`;
  };
  const readsClock = /\b(clock_gettime|gettimeofday|timespec_get|time)\s*\((NULL|0|&)/;
  const clocks = files.filter((file) => pure.includes(file.folder) && readsClock.test(file.text)).map((file) => `${file.path} reads the clock`);
  assertNone([...eachInclude('ours', judge), ...eachInclude('outside', judge), ...clocks]);
});

test('threads begin in few places', () => {
  const allowed = ['base', 'store', 'egress', 'keyset', 'library_fetch', 'access', 'server'];
  assertNone(files.filter((file) => !allowed.includes(file.folder) && /\b(pthread_create|thrd_create)\b/.test(file.text)).map((file) => file.path));
});

test('every file begins with its licence', () => {
  assertNone(files.filter((file) => !file.text.startsWith('/* SPDX-License-Identifier: Apache-2.0 */\n')).map((file) => file.path));
});
