// SPDX-License-Identifier: Apache-2.0
// `chatelaine token verify` and `token sign` against the libraries that everybody uses: npm `jose`, npm `jsonwebtoken`, Debian's
// PyJWT. Each makes tokens that we take, takes tokens that we make, and where they refuse we refuse.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { run } from './lib/server.mjs';
import { claims, now, rawToken } from './lib/tokens.mjs';

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // Debian's own: it has Debian's PyJWT
const directory = mkdtempSync(join(tmpdir(), 'chatelaine-token-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let fileNumber = 0;
function file(content) {
  const path = join(directory, `file-${++fileNumber}`);
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

async function verify(token, ...args) {
  const { status, stdout, stderr } = await run(['token', 'verify', ...args, '--json'], { input: token });
  assert.ok(status === 0 || status === 1, `${status}: ${stderr}`);
  const answer = JSON.parse(stdout);
  assert.equal(answer.verified, status === 0);
  return answer;
}
async function assertTaken(token, ...args) {
  const answer = await verify(token, ...args);
  assert.equal(answer.verified, true, JSON.stringify(answer));
  return answer;
}
async function assertRefused(detail, token, ...args) {
  const answer = await verify(token, ...args);
  assert.equal(answer.verified, false);
  assert.equal(answer.detail, detail, JSON.stringify(answer));
  assert.ok(answer.reason && answer.message && answer.fix);
  return answer;
}
/** The same token with one bit of its signature changed. */
function forged(token) {
  const [header, payload, signature] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[bytes.length >> 1] ^= 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

// ---- keys of every kind ----

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pairs = {
  RS256: rsa, RS384: rsa, RS512: rsa, PS256: rsa, PS384: rsa, PS512: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
  Ed448: generateKeyPairSync('ed448'),
};
const privatePem = (pair) => pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
const publicPem = (pair) => pair.publicKey.export({ type: 'spki', format: 'pem' });
const jwk = (pair, more = {}) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...more });
const allKeys = file({ keys: [['rsa', rsa], ...Object.entries(pairs).filter(([alg]) => !/^[RP]S/.test(alg))].map(([kid, pair]) => jwk(pair, { kid })) });
const kidOf = (alg) => (/^[RP]S/.test(alg) ? 'rsa' : alg);
const otherKeys = file({ keys: ['rsa', 'ES256', 'ES384', 'ES512', 'EdDSA'].map((kid) => jwk(
  kid === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : kid === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[kid] }), { kid })) });
const secret = randomBytes(64).toString('base64url');
const secretFile = file(`${secret}\n`);
const otherSecretFile = file(randomBytes(64).toString('base64url'));
const isHmac = (alg) => alg.startsWith('HS');
const keyArgs = (alg) => (isHmac(alg) ? ['--secret-file', secretFile] : ['--jwks', allKeys]);
const otherKeyArgs = (alg) => (isHmac(alg) ? ['--secret-file', otherSecretFile] : ['--jwks', otherKeys]);

// ---- makers ----

const families = (names) => names.flatMap((name) => ['256', '384', '512'].map((bits) => name + bits));
const pythonCall = (program, input) => execFileSync(python, ['-c', program], { input: JSON.stringify(input), encoding: 'utf8' }).trim();
const makers = {
  jose: {
    algorithms: [...families(['HS', 'RS', 'PS', 'ES']), 'EdDSA'],
    make: (alg, payload) => new jose.SignJWT(payload).setProtectedHeader({ alg, kid: kidOf(alg) })
      .sign(isHmac(alg) ? new TextEncoder().encode(secret) : pairs[alg].privateKey),
    take: async (alg, token) => (await jose.jwtVerify(token, isHmac(alg) ? new TextEncoder().encode(secret) : pairs[alg].publicKey, { algorithms: [alg] })).payload,
  },
  jsonwebtoken: {
    algorithms: families(['HS', 'RS', 'PS', 'ES']),
    make: (alg, payload) => jsonwebtoken.sign(payload, isHmac(alg) ? secret : privatePem(pairs[alg]), { algorithm: alg, keyid: kidOf(alg) }),
    take: (alg, token) => jsonwebtoken.verify(token, isHmac(alg) ? secret : publicPem(pairs[alg]), { algorithms: [alg] }),
  },
  PyJWT: {
    algorithms: [...families(['HS', 'RS', 'PS', 'ES']), 'EdDSA', 'Ed448'], // it calls both Edwards curves EdDSA
    make: (alg, payload) => pythonCall('import json,jwt,sys\na=json.load(sys.stdin)\nprint(jwt.encode(a["p"],a["k"],algorithm=a["a"],headers={"kid":a["i"]}))',
      { p: payload, k: isHmac(alg) ? secret : privatePem(pairs[alg]), a: alg === 'Ed448' ? 'EdDSA' : alg, i: kidOf(alg) }),
    take: (alg, token) => JSON.parse(pythonCall('import json,jwt,sys\na=json.load(sys.stdin)\nprint(json.dumps(jwt.decode(a["t"],a["k"],algorithms=[a["a"]],options={"verify_aud":False})))',
      { t: token, k: isHmac(alg) ? secret : publicPem(pairs[alg]), a: alg === 'Ed448' ? 'EdDSA' : alg })),
  },
};

for (const [name, maker] of Object.entries(makers)) {
  describe(`tokens of ${name}`, () => {
    for (const alg of maker.algorithms) {
      test(alg, async () => {
        const token = await maker.make(alg, claims());
        const { identity, token: told } = await assertTaken(token, ...keyArgs(alg), '--issuer', 'https://acme.example', '--audience', 'chat');
        assert.deepEqual(identity, { sub: 'customer-ada', name: 'Ada Lovelace', email: 'ada@acme.example', accountId: '1001', permissions: ['balance:read', 'card:freeze'] });
        assert.equal(told.algorithm, alg === 'Ed448' ? 'EdDSA' : alg);
        await assertRefused('signature-mismatch', forged(token), ...keyArgs(alg));
        await assertRefused(alg === 'Ed448' ? 'unknown-kid' : 'signature-mismatch', token, ...otherKeyArgs(alg));
        await assertRefused('alg-not-allowed', token, ...(isHmac(alg) ? ['--jwks', allKeys] : ['--secret-file', secretFile]));
      });
    }
  });

  describe(`tokens of ours, taken by ${name}`, () => {
    for (const alg of maker.algorithms) {
      test(alg, async () => {
        const key = isHmac(alg) ? ['--secret-file', secretFile] : ['--key', file(privatePem(pairs[alg]))];
        const { status, stdout, stderr } = await run(['token', 'sign', ...key, '--alg', alg === 'Ed448' ? 'EdDSA' : alg, '--kid', 'k', '--subject', 'ada', '--claim', 'tier=gold', '--claim', 'level:=3']);
        assert.equal(status, 0, stderr);
        const payload = await maker.take(alg, stdout.trim());
        assert.equal(payload.sub, 'ada');
        assert.equal(payload.tier, 'gold');
        assert.equal(payload.level, 3);
        assert.ok(payload.exp - payload.iat === 300 && payload.jti);
      });
    }
  });
}

// ---- accept and refuse alike ----

describe('mutated tokens: we and npm jose agree', () => {
  const at = now();
  const sign = (payload, header = {}) => makers.jose && new jose.CompactSign(new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'ES256', kid: 'ES256', ...header }).sign(pairs.ES256.privateKey);
  const options = { algorithms: ['ES256'], issuer: 'https://acme.example', audience: ['chat', 'app'], clockTolerance: 60, requiredClaims: ['exp', 'sub'], currentDate: new Date(at * 1000) };
  const good = claims({ iat: at, exp: at + 300 });
  const changes = {
    'as it is': good,
    'exp just within the leeway': { ...good, exp: at - 59 },
    'exp at the end of the leeway': { ...good, exp: at - 60 },
    'exp with a fraction': { ...good, exp: at + 0.5 },
    'exp missing': { ...good, exp: undefined },
    'exp a text': { ...good, exp: String(at + 300) },
    'exp null': { ...good, exp: null },
    'nbf within the leeway': { ...good, nbf: at + 60 },
    'nbf beyond the leeway': { ...good, nbf: at + 61 },
    'nbf a text': { ...good, nbf: '0' },
    'iss missing': { ...good, iss: undefined },
    'iss with a slash': { ...good, iss: 'https://acme.example/' },
    'iss a list': { ...good, iss: ['https://acme.example'] },
    'aud the second allowed': { ...good, aud: 'app' },
    'aud a list with one allowed': { ...good, aud: ['x', 'app'] },
    'aud a list without': { ...good, aud: ['x', 'y'] },
    'aud empty': { ...good, aud: [] },
    'aud missing': { ...good, aud: undefined },
    'aud in other case': { ...good, aud: 'Chat' },
    'sub missing': { ...good, sub: undefined },
    'payload a list': [],
    'payload a text': '"text"',
    'payload no JSON': 'text',
    'payload empty': '',
  };
  for (const [name, payload] of Object.entries(changes)) {
    test(name, async () => {
      const token = await sign(payload);
      const theirs = await jose.jwtVerify(token, pairs.ES256.publicKey, options).then(() => true, () => false);
      const ours = (await verify(token, '--jwks', allKeys, '--issuer', options.issuer, '--audience', 'chat', '--audience', 'app', '--now', String(at))).verified;
      assert.equal(ours, theirs);
    });
  }
  // Where we refuse and jose does not, each for its reason.
  const stricter = {
    'sub empty': [{ ...good, sub: '' }, 'sub-invalid'],
    'sub a number': [{ ...good, sub: 7 }, 'sub-invalid'],
    'iat in the future': [{ ...good, iat: at + 3600, exp: at + 7200 }, 'iat-in-future'], // jose looks at iat only with maxTokenAge
    'a member twice': [JSON.stringify(good).replace('{', '{"sub":"bob",'), 'claims-malformed'],
    'a NUL in a text': [JSON.stringify({ ...good, name: 'a\0b' }), 'claims-malformed'],
    'an unpaired surrogate': [JSON.stringify(good).replace('Ada Lovelace', '\\ud800'), 'claims-malformed'],
    'a number out of range': [JSON.stringify(good).replace('"1001"', '1e999'), 'claims-malformed'],
    'nested seventeen deep': [{ ...good, deep: JSON.parse('['.repeat(16) + ']'.repeat(16)) }, 'claims-malformed'],
  };
  for (const [name, [payload, detail]] of Object.entries(stricter)) {
    test(`stricter: ${name}`, async () => {
      const token = await sign(payload);
      await assertRefused(detail, token, '--jwks', allKeys, '--issuer', options.issuer, '--audience', 'chat', '--now', String(at));
    });
  }
});

// ---- what stands beside the token ----

describe('key documents', () => {
  const token = () => makers.jose.make('RS256', claims());
  test('a map of certificates, as Firebase serves it', async () => {
    const key = file(privatePem(rsa));
    const certificate = execFileSync('openssl', ['req', '-x509', '-new', '-key', key, '-subj', '/CN=securetoken', '-days', '2'], { encoding: 'utf8' });
    const map = file({ rsa: certificate });
    await assertTaken(await token(), '--jwks', map);
    await assertRefused('certificate-expired', await token(), '--jwks', map, '--now', String(now() + 3 * 86400));
    await assertRefused('unknown-kid', await token(), '--jwks', file({ other: certificate }));
  });
  test('a single JWK', async () => assertTaken(await token(), '--jwks', file(jwk(rsa, { kid: 'rsa' }))));
  test('a private JWK verifies by its public half', async () => assertTaken(await token(), '--jwks', file({ ...rsa.privateKey.export({ format: 'jwk' }), kid: 'rsa' })));
  test('without a kid, where one key alone fits', async () => {
    const bare = await new jose.SignJWT(claims()).setProtectedHeader({ alg: 'ES384' }).sign(pairs.ES384.privateKey);
    await assertTaken(bare, '--jwks', allKeys);
    const other = jwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
    await assertRefused('key-ambiguous', bare, '--jwks', file({ keys: [jwk(pairs.ES384), other] }));
  });
  test('an RSA key of 1024 bits is no key', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const answer = await assertRefused('unknown-kid', await token(), '--jwks', file({ keys: [jwk(weak, { kid: 'rsa' })] }));
    assert.match(answer.message, /2048/);
  });
  test('a symmetric key never serves the key-set mode', async () => {
    const oct = file({ keys: [{ kty: 'oct', kid: 'HS256', k: Buffer.from(secret).toString('base64url') }] });
    await assertRefused('alg-not-allowed', await makers.jose.make('HS256', claims()), '--jwks', oct);
  });
  test('not a key set', async () => {
    for (const content of ['', 'text', '[]', '{}', '{"keys":1}', '{"a":"b"}']) {
      const { status, stderr } = await run(['token', 'verify', '--jwks', file(content)], { input: await token() });
      assert.equal(status, 2);
      assert.match(stderr, /--jwks/);
    }
  });
});

describe('secrets', () => {
  const token = () => makers.jsonwebtoken.make('HS256', claims());
  test('with and without a newline at the end', async () => {
    for (const end of ['', '\n', '\r\n']) await assertTaken(token(), '--secret-file', file(secret + end));
    for (const end of ['\n\n', ' ', '\t\n']) await assertRefused('signature-mismatch', token(), '--secret-file', file(secret + end));
  });
  test('as base64url of bytes', async () => {
    const bytes = randomBytes(32);
    const made = jsonwebtoken.sign(claims(), bytes, { algorithm: 'HS256' });
    await assertTaken(made, '--secret-file', file(`${bytes.toString('base64url')}\n`), '--secret-base64url');
    await assertTaken(made, '--secret-file', file(bytes[31] === 10 ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes));
  });
  test('an old and a new one', async () => assertTaken(token(), '--secret-file', otherSecretFile, '--secret-file', secretFile));
  test('too short', async () => {
    const made = jsonwebtoken.sign(claims(), 'secret', { algorithm: 'HS256' });
    assert.equal((await assertRefused('secret-too-short', made, '--secret-file', file('secret'))).reason, 'config-incomplete');
    const made512 = jsonwebtoken.sign(claims(), 's'.repeat(40), { algorithm: 'HS512' });
    await assertRefused('secret-too-short', made512, '--secret-file', file('s'.repeat(40)));
  });
});

describe('options', () => {
  const token = (more) => makers.jsonwebtoken.make('HS256', claims({ 'https://acme.example/tier': 'gold', ...more }));
  const args = ['--secret-file', secretFile];
  test('mapping', async () => {
    const mapping = file({ tier: 'https://acme.example/tier', first: '/permissions/0' });
    const { identity, permissions } = await assertTaken(token(), ...args, '--mapping', mapping);
    assert.deepEqual(identity, { sub: 'customer-ada', tier: 'gold', first: 'balance:read' });
    assert.deepEqual(permissions, ['balance:read', 'card:freeze']);
  });
  test('time', async () => {
    const answer = await assertRefused('exp-passed', token({ iat: 1000, exp: 2000 }), ...args, '--now', '2060');
    assert.equal(answer.reason, 'expired');
    assert.match(answer.message, /1970-01-01T00:33:20Z/);
    await assertTaken(token({ iat: 1000, exp: 2000 }), ...args, '--now', '2059');
    await assertRefused('exp-passed', token({ iat: 1000, exp: 2000 }), ...args, '--now', '2000', '--leeway', '0');
  });
  test('algorithms', async () => {
    await assertTaken(token(), ...args, '--algorithms', 'HS512,HS256');
    await assertRefused('alg-not-allowed', token(), ...args, '--algorithms', 'HS512', '--algorithms', 'HS384');
  });
  test('issuer and audience', async () => {
    assert.match((await assertRefused('iss-mismatch', token(), ...args, '--issuer', 'https://other.example')).message, /https:\/\/other\.example/);
    await assertRefused('aud-mismatch', token(), ...args, '--audience', 'shop', '--audience', 'blog');
    await assertTaken(token(), ...args, '--audience', 'shop', '--audience', 'chat');
  });
  test('a token with white space around it, an empty one, a huge one', async () => {
    await assertTaken(`\n ${token()} \r\n`, ...args);
    await assertRefused('token-absent', '', ...args);
    await assertRefused('token-absent', ' \n', ...args);
    await assertRefused('token-too-large', 'a'.repeat(1 << 15), ...args);
    await assertRefused('token-too-large', 'a'.repeat(3 << 20), ...args);
  });
  test('types', async () => {
    const typed = (typ) => jsonwebtoken.sign(claims(), secret, { header: { typ } });
    await assertTaken(typed('at+jwt'), '--secret-file', secretFile, '--types', 'JWT,at+jwt');
    await assertRefused('typ-not-allowed', typed('JWT'), '--secret-file', secretFile, '--types', 'at+jwt');
  });
  test('a token a line', async () => {
    const good = makers.jsonwebtoken.make('HS256', claims());
    const lines = async (...tokens) => {
      const { status, stdout } = await run(['token', 'verify', '--lines', '--secret-file', secretFile], { input: tokens.join('\n') });
      return [status, ...stdout.trim().split('\n').map((line) => JSON.parse(line)).map((answer) => answer.detail ?? answer.identity.sub)];
    };
    assert.deepEqual(await lines(good, good, ''), [0, 'customer-ada', 'customer-ada']);
    assert.deepEqual(await lines(good, '', forged(good), ` ${good}`, 'x'.repeat(20_000), good),
      [1, 'customer-ada', 'token-absent', 'signature-mismatch', 'malformed', 'token-too-large', 'customer-ada']);
  });
  test('warnings', async () => {
    const { warnings } = await assertTaken(token({ exp: now() + 7200 }), ...args);
    assert.deepEqual(warnings.map((warning) => warning.code), ['lifetime-over-an-hour', 'jti-missing']);
  });
  test('wrong usage gives 2 and says what was meant', async () => {
    const cases = [
      [['token', 'verify'], /--secret-file FILE, or --jwks FILE/],
      [['token', 'verify', '--secret-file', secretFile, '--jwks', allKeys], /--secret-file FILE, or --jwks FILE/],
      [['token', 'verify', '--secret-fil', secretFile], /did you mean '--secret-file'/],
      [['token', 'verify', '--secret-file'], /needs its value/],
      [['token', 'verify', '--secret-file', '/nowhere/at/all'], /no such file/],
      [['token', 'verify', ...args, '--now', 'soon'], /whole number/],
      [['token', 'verify', ...args, '--now', '1', '--now', '2'], /twice/],
      [['token', 'verify', ...args, '--leeway', '61'], /leeway/],
      [['token', 'verify', ...args, '--algorithms', 'RS256'], /HS256/],
      [['token', 'verify', ...args, '--algorithms', 'none'], /HS256/],
      [['token', 'verify', ...args, '--mapping', file('{"a":')], /--mapping/],
      [['token', 'verify', ...args, '--mapping', file('{"sub":"email"}')], /sub/],
      [['token', 'verify', ...args, 'eyJ'], /one too many/],
      [['token', 'verfy'], /did you mean 'verify'/],
      [['tokn'], /did you mean 'token'/],
      [['token'], /a command is missing/],
      [['token', 'sign'], /--secret-file FILE, or --key FILE/],
      [['token', 'sign', ...args, '--claim', 'novalue'], /NAME=TEXT/],
      [['token', 'sign', ...args, '--claim', 'a:={'], /NAME:=JSON/],
      [['token', 'sign', ...args, '--alg', 'HS1'], /HS1/],
      [['token', 'sign', '--key', file(publicPem(rsa))], /private key/],
    ];
    for (const [words, message] of cases) {
      const plain = await run(words);
      assert.equal(plain.status, 2, words.join(' '));
      assert.match(plain.stderr, message);
      assert.equal(plain.stdout, '');
      const json = await run([...words, '--json']);
      assert.equal(json.status, 2);
      assert.match(JSON.parse(json.stderr).error, message);
    }
  });
  test('help', async () => {
    for (const words of [[], ['token'], ['token', 'verify'], ['token', 'sign'], ['version']]) {
      const { status, stdout } = await run([...words, '--help']);
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: chatelaine/m);
    }
  });
});

test('a token never comes back in an answer or a complaint', async () => {
  const token = makers.jsonwebtoken.make('HS256', claims());
  for (const args of [['--secret-file', secretFile], ['--secret-file', otherSecretFile], ['--jwks', allKeys]]) {
    const { status, stdout, stderr } = await run(['token', 'verify', ...args], { input: token });
    assert.equal(typeof status, 'number');
    assert.ok(!(stdout + stderr).includes(token.split('.')[1]));
    assert.ok(!(stdout + stderr).includes(secret));
  }
  const odd = rawToken({ alg: 'HS256', kid: '\u001b[31mred' }, {}, 'x');
  const { status, stdout } = await run(['token', 'verify', '--jwks', allKeys], { input: odd });
  assert.equal(status, 1);
  assert.ok(!stdout.includes('\u001b'));
});
