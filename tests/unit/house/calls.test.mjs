// SPDX-License-Identifier: Apache-2.0
// What src/ declares is there because the product calls it, found by reading: tests do as the product does, and have no
// doors of their own.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const src = new URL('../../../src/', import.meta.url);
const files = readdirSync(src).flatMap((folder) => readdirSync(new URL(`${folder}/`, src))
  .filter((name) => /\.[ch]$/.test(name))
  .map((name) => ({ path: `src/${folder}/${name}`, text: readFileSync(new URL(`${folder}/${name}`, src), 'utf8') })));

// What tests may have for themselves.
const seams = new Map([
  ['clock_hold_ms', 'the clock stands still in tests'],
  ['vault_load_text', 'the fuzzer has no files'],
]);

/** Without comments and literals; a macro of several lines is one line. */
const bare = (text) => text.replace(/\/\*.*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/gs, ' ').replace(/\\\n/g, ' ');

/** The functions that headers declare (name → header), and every word that a function's body, a table or a macro uses. A
 * function that calls itself is not used by that. */
function survey() {
  const declared = new Map();
  const used = new Set();
  for (const { path, text } of files) {
    let depth = 0;
    let name = ''; // of the function whose declaration or definition has begun
    for (const line of bare(text).split('\n')) {
      if (/^\s*#/.test(line)) {
        const macro = /^\s*#\s*define\s+\w+(?:\([^)]*\))?(.*)/.exec(line);
        for (const [word] of (macro?.[1] ?? '').matchAll(/\w+/g)) used.add(word);
        continue;
      }
      for (const [piece, word, opens] of line.matchAll(/([A-Za-z_]\w*)(\s*\()?|[{};]/g)) {
        if (piece === '{') depth++;
        else if (piece === '}') { if (--depth === 0) name = ''; }
        else if (depth > 0) { if (word && word !== name) used.add(word); }
        else if (piece === ';') {
          if (name && path.endsWith('.h')) declared.set(name, path);
          name = '';
        } else if (opens && !name && /^[a-z]/.test(word)) name = word;
      }
    }
    assert.equal(depth, 0, `${path}: its braces are read wrongly`);
  }
  return { declared, used };
}

test('no header declares a function that nothing of the product calls', () => {
  const { declared, used } = survey();
  assert.ok(declared.size > 1000, `${declared.size} functions`);
  const idle = [...declared].filter(([name]) => !used.has(name) && !seams.has(name)).map(([name, path]) => `${path}: ${name}`);
  assert.deepEqual(idle, []);
  assert.deepEqual([...seams.keys()].filter((name) => !declared.has(name) || used.has(name)), [], 'no seam any more');
});

test('no statement stands there that nothing runs', () => {
  const list = files.find((file) => file.path === 'src/store/statements.h').text;
  const statements = [...bare(/enum statement \{(.*?)\};/s.exec(list)[1]).matchAll(/\b[A-Z][A-Z0-9_]+\b/g)].map(([word]) => word);
  assert.ok(statements.length > 100, `${statements.length} statements`);
  // The audit log's are reckoned: one for each way to look, in two orders, and the window of each.
  const reckoned = /^AUDIT_(LIST|WINDOW)_/;
  const users = files.filter((file) => file.path.startsWith('src/store/') && !/\/statements\w*\.[ch]$/.test(file.path)).map((file) => bare(file.text)).join('\n');
  assert.deepEqual(statements.filter((name) => !reckoned.test(name) && !new RegExp(`\\b${name}\\b`).test(users)), []);
});
