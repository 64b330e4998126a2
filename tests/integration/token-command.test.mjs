// SPDX-License-Identifier: Apache-2.0
// `chatelaine token verify` and `token sign`: the server's own verification, without any server.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { exportPKCS8, importX509, jwtVerify } from 'jose';
import { run, temporaryDirectory } from './lib/server.mjs';
import { ada, makeKey, now, rawToken, signWithSecret } from './lib/tokens.mjs';

const secret = 'a-secret-of-thirty-two-bytes-or-more!';
let key;
before(async () => (key = await makeKey('RS256')));

const text = (t, name, content) => {
  const file = join((t.directory ??= temporaryDirectory(t)), name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const verify = async (token, ...args) => {
  const { status, stdout, stderr } = await run(['token', 'verify', '--json', ...args], { input: token });
  return { status, stderr, ...(stdout && JSON.parse(stdout)) };
};

describe('token verify', () => {
  test('a good token: status 0 and the identity', async (t) => {
    const answer = await verify(await signWithSecret(secret, ada()), '--secret-file', text(t, 'secret', secret), '--issuer', 'https://acme.example', '--audience', 'chat');
    assert.deepEqual([answer.status, answer.verified, answer.identity.sub, answer.identity.accountId], [0, true, 'customer-ada', '1001']);
    assert.equal('iss' in answer.identity, false);
  });

  test('a line break behind secret or token is not part of it', async (t) => {
    const answer = await verify(`${await signWithSecret(secret, ada())}\n`, '--secret-file', text(t, 'secret', `${secret}\n`));
    assert.equal(answer.status, 0);
  });

  test('a key set, and the same key as a certificate map', async (t) => {
    const token = await key.sign(ada());
    assert.equal((await verify(token, '--jwks', text(t, 'jwks', { keys: [key.publicJwk] }))).status, 0);
    const pem = text(t, 'key.pem', await exportPKCS8(key.privateKey));
    const certificate = execFileSync('openssl', ['req', '-x509', '-new', '-key', pem, '-subj', '/CN=test', '-days', '1'], { encoding: 'utf8' });
    assert.ok(new X509Certificate(certificate));
    assert.equal((await verify(token, '--jwks', text(t, 'certificates', { [key.kid]: certificate }))).status, 0);
    await jwtVerify(token, await importX509(certificate, 'RS256'));
  });

  test('a mapping', async (t) => {
    const mapping = text(t, 'mapping', { account: 'accountId', tier: 'https://acme.example/tier' });
    const answer = await verify(await signWithSecret(secret, ada({ 'https://acme.example/tier': 'gold' })), '--secret-file', text(t, 'secret', secret), '--mapping', mapping);
    assert.deepEqual(answer.identity, { sub: 'customer-ada', account: '1001', tier: 'gold' });
  });

  test('--now holds the clock', async (t) => {
    const token = await signWithSecret(secret, ada({ iat: 1_000_000, exp: 1_000_300 }));
    const file = text(t, 'secret', secret);
    assert.equal((await verify(token, '--secret-file', file, '--now', '1000100')).status, 0);
    assert.equal((await verify(token, '--secret-file', file, '--now', '1000359')).status, 0, 'the leeway');
    const late = await verify(token, '--secret-file', file, '--now', '1000360');
    assert.deepEqual([late.status, late.verified, late.reason, late.detail], [1, false, 'expired', 'exp-passed']);
    assert.ok(late.message && late.fix);
  });

  test('each reason that needs no server', async (t) => {
    const file = text(t, 'secret', secret);
    const cases = [
      ['', 'missing-token', 'token-absent'],
      ['   \n', 'missing-token', 'token-absent'],
      [await signWithSecret('another-secret-of-thirty-two-bytes!!', ada()), 'bad-signature', 'signature-mismatch'],
      [rawToken({ alg: 'none' }, ada(), 'AAAA'), 'bad-signature', 'alg-not-allowed'],
      [await signWithSecret(secret, ada({ exp: undefined })), 'bad-claim', 'exp-missing'],
      [await signWithSecret(secret, ada({ exp: now() - 3600 })), 'expired', 'exp-passed'],
      ['x'.repeat(1 << 20), 'bad-signature', 'token-too-large'],
    ];
    for (const [token, reason, detail] of cases) {
      const answer = await verify(token, '--secret-file', file);
      assert.deepEqual([answer.status, answer.verified, answer.reason, answer.detail], [1, false, reason, detail]);
    }
    const short = await verify(await signWithSecret(secret, ada()), '--secret-file', text(t, 'short', 'short'));
    assert.deepEqual([short.status, short.reason], [1, 'config-incomplete']);
  });

  test('the public key as HMAC secret does not verify', async (t) => {
    const jwks = text(t, 'jwks', { keys: [key.publicJwk] });
    const forged = await signWithSecret(JSON.stringify(key.publicJwk), ada(), { kid: key.kid });
    assert.equal((await verify(forged, '--jwks', jwks)).reason, 'bad-signature');
  });

  test('wrong usage: status 2, and a word on what to do', async (t) => {
    const file = text(t, 'secret', secret);
    for (const args of [[], ['--secret-file', file, '--jwks', file], ['--secret-file', '/nowhere'], ['--jwks', file], ['--secret-file', file, '--now', 'soon'], ['--secret-file', file, '--unknown'], ['--secret-file', file, '--leeway', '61']]) {
      const { status, stderr } = await run(['token', 'verify', ...args], { input: 'x' });
      assert.equal(status, 2, args.join(' '));
      assert.ok(stderr.length > 10);
    }
  });
});

describe('token sign', () => {
  test('makes a token that npm jose verifies, and verify as well', async (t) => {
    const secretFile = text(t, 'secret', secret);
    const { status, stdout, stderr } = await run(['token', 'sign', '--secret-file', secretFile, '--subject', 'ada', '--issuer', 'https://acme.example', '--audience', 'chat']);
    assert.equal(status, 0, stderr);
    const token = stdout.trim();
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), { issuer: 'https://acme.example', audience: 'chat' });
    assert.equal(payload.sub, 'ada');
    assert.ok(payload.exp - payload.iat <= 3600);
    assert.equal((await verify(token, '--secret-file', secretFile)).identity.sub, 'ada');
  });
});

test('every command has --help, an unknown one is named, and the version is told', async () => {
  const help = await run(['--help']);
  assert.equal(help.status, 0);
  for (const command of ['serve', 'init', 'product', 'environment', 'secret', 'tool', 'token', 'audit', 'version']) {
    assert.match(help.stdout, new RegExp(`\\b${command}\\b`));
    const one = await run([command, '--help']);
    assert.equal(one.status, 0, command);
    assert.ok(one.stdout.length > 40);
  }
  const unknown = await run(['serv']);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /serve/);
  assert.match((await run(['version'])).stdout, /\d+\.\d+\.\d+/);
  assert.equal(typeof JSON.parse((await run(['version', '--json'])).stdout).version, 'string');
});
