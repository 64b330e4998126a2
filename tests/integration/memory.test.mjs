// SPDX-License-Identifier: Apache-2.0
// What is left of tokens, secret keys and master keys in the memory of a running server: nothing that was only passing through.
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { test } from 'node:test';
import { plainBinary, startServer } from './lib/server.mjs';

const document = { config: { origins: ['*'], signIn: { enforcement: 'optional', issuers: [{ name: 'a', mode: 'hmac' }] }, assistant: { kind: 'rules' } } };

/** How often `text` stands in what the process may write to; null where this user may not look. */
function occurrences(pid, text) {
  let memory;
  try {
    memory = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return null;
  }
  let count = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const [, from, to, name] = line.match(/^(\w+)-(\w+) rw\S* \S+ \S+ \S+\s*(.*)$/) ?? [];
    if (!from || name === '[vvar]') continue;
    const bytes = Buffer.alloc(Number(BigInt(`0x${to}`) - BigInt(`0x${from}`)));
    let got = 0;
    try {
      got = readSync(memory, bytes, 0, bytes.length, BigInt(`0x${from}`));
    } catch { /* a guard page */ }
    for (let at = bytes.indexOf(text); at >= 0 && at < got; at = bytes.indexOf(text, at + 1)) count++;
  }
  closeSync(memory);
  return count;
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token that was looked at is gone from memory with its request', async (t) => {
  const server = await startServer(t, { document, program: plainBinary, args: ['--threads', '1'] });
  if (occurrences(server.pid, 'x') === null) return t.skip('this user may not read the memory of a process');
  const key = server.acme.publishableKey;
  const secretKey = await server.newSecretKey();
  const token = (mark) => `${part({ alg: 'HS256' })}.${part({ sub: 'u', exp: 4e9 })}.${`${mark}-`.padEnd(43, 'x')}`;
  const inHead = 'mark-of-a-token-in-a-head';
  const inBody = 'mark-of-a-token-in-a-body';
  for (let i = 0; i < 3; i++) {
    await server.fetch('/%61'); // a path that must be decoded is the first to ask for memory
    assert.equal((await server.fetch('/v1/authorize', { key, headers: { Authorization: `Bearer ${token(inHead)}` } })).status, 401);
    const verified = await server.fetch('/v1/verify', { method: 'POST', headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token: token(inBody) }) });
    assert.equal((await verified.json()).verified, false);
  }
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(occurrences(server.pid, inHead), 0, 'a token from a head is still there');
  assert.equal(occurrences(server.pid, inBody), 0, 'a token from a body is still there');
  assert.equal(occurrences(server.pid, secretKey.slice(3)), 0, 'a secret key is still there');
  assert.ok(occurrences(server.pid, key) > 0, 'the search finds what is there');
});

test('a master key that came by the environment is not left there', async (t) => {
  let text;
  const server = await startServer(t, {
    program: plainBinary,
    prepare: (made) => {
      text = readFileSync(`${made.data}/master.key`, 'utf8').split('\n').find((line) => /^[\w-]+:/.test(line)).trim();
      made.env = { CHATELAINE_MASTER_KEY: text };
    },
  });
  if (occurrences(server.pid, 'x') === null) return t.skip('this user may not read the memory of a process');
  assert.ok(!readFileSync(`/proc/${server.pid}/environ`, 'latin1').includes(text.split(':')[1]));
  assert.equal(occurrences(server.pid, text.split(':')[1]), 0);
});
