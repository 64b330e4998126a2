// SPDX-License-Identifier: Apache-2.0
// libchatelaine as somebody else meets it: installed, found by pkg-config, compiled against, linked shared and static, called
// from Python; and what its binary interface promises.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environmentDocument, hmacIssuer } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { ada, makeKey, now, rawToken, serveKeys, signWithSecret } from './lib/tokens.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const build = dirname(process.env.CHATELAINE_PLAIN_BINARY ?? process.env.CHATELAINE_BINARY ?? join(root, 'build/chatelaine'));
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const read = (path) => readFileSync(join(root, path), 'utf8');
const run = (command, args, options = {}) => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
const headers = ['include/chatelaine/chatelaine.h', 'include/chatelaine/fetch.h'];

describe('libchatelaine', () => {
  let work;
  let prefix;
  let libraries;
  before(() => {
    work = mkdtempSync(join(tmpdir(), 'chatelaine-library-'));
    run('meson', ['install', '-C', build, '--no-rebuild', '--quiet', '--destdir', join(work, 'stage')]);
    const header = run('find', [join(work, 'stage'), '-path', '*/chatelaine/chatelaine.h']).trim();
    prefix = dirname(dirname(dirname(header)));
    libraries = dirname(run('find', [prefix, '-name', 'libchatelaine.so.0']).trim());
    shared = { env: { ...process.env, LD_LIBRARY_PATH: libraries } };
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  const packageFlags = (...args) => run('pkg-config', [`--define-variable=prefix=${prefix}`, ...args],
    { env: { ...process.env, PKG_CONFIG_PATH: join(libraries, 'pkgconfig') } }).trim().split(/\s+/);
  const cc = (sources, output, flags) => {
    run('cc', ['-std=c11', '-Wall', '-Wextra', '-Werror', '-o', join(work, output), ...sources, ...flags]);
    return join(work, output);
  };
  let shared;
  const status = (program, args, options) => {
    try {
      return { code: 0, output: run(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options }) };
    } catch (error) {
      return { code: error.status, output: error.stdout, errors: error.stderr };
    }
  };
  const claims = (more) => ({ iss: 'https://acme.example', aud: 'chat', sub: 'ada', exp: now() + 600, name: 'Ada', ...more });

  test('installs what a user needs', () => {
    const there = (path) => assert.ok(existsSync(join(prefix, path)), path);
    there('include/chatelaine/chatelaine.h');
    there('include/chatelaine/fetch.h');
    there('share/man/man3/libchatelaine.3');
    there('share/man/man3/libchatelaine-fetch.3');
    for (const name of ['libchatelaine', 'libchatelaine-fetch']) {
      for (const file of [`${name}.so`, `${name}.so.0`, `${name}.a`, `pkgconfig/${name}.pc`]) assert.ok(existsSync(join(libraries, file)), file);
    }
  });

  /* ---- the binary interface ---- */

  const exported = (file) => run('nm', ['-D', '--defined-only', file]).trim().split('\n').map((line) => line.split(' '))
    .filter(([, type]) => type !== 'A').map(([, , name]) => name).sort();
  const imported = (file) => run('nm', ['-D', '--undefined-only', file]).trim().split('\n').map((line) => line.trim().split(/\s+/)[1].split('@')[0]);
  const dynamic = (file) => run('readelf', ['-dW', file]);
  const wholeInterface = () => {
    const lines = [];
    for (const name of ['libchatelaine.so', 'libchatelaine-fetch.so']) {
      lines.push(/SONAME.*\[(.+)\]/.exec(dynamic(join(libraries, name)))[1], ...exported(join(libraries, name)).map((symbol) => `  ${symbol}`));
    }
    const text = headers.map(read).join('');
    lines.push('numbers', ...[...text.matchAll(/\b(CHATELAINE_[A-Z0-9_]+) = (\d+)/g)].map(([, name, number]) => `  ${name} ${number}`));
    return `${lines.join('\n')}\n`;
  };

  test('exports exactly the list that stands in the tree, and the numbers stay what they were', () => {
    assert.equal(wholeInterface(), read('src/library/libchatelaine.abi'), 'what is in src/library/libchatelaine.abi may be added to, and nothing else');
  });

  test('structures that callers fill in keep their shape', () => {
    const source = join(work, 'shape.c');
    const offsets = { size: 0, life_ms: 8, stale_ms: 16, unknown_kid_ms: 24, failure_ms: 32, timeout_ms: 40, extra_ca_file: 48, allow_private_addresses: 56 };
    writeFileSync(source, `#include <chatelaine/fetch.h>\n${Object.entries(offsets)
      .map(([name, at]) => `_Static_assert(offsetof(struct chatelaine_fetch_options, ${name}) == ${at}, "${name}");`).join('\n')}
      _Static_assert(offsetof(struct chatelaine_bytes, at) == 0 && offsetof(struct chatelaine_bytes, len) == 8, "bytes");
      _Static_assert(sizeof(enum chatelaine_detail) == 4 && sizeof(enum chatelaine_status) == 4, "enumerations");`);
    cc([source], 'shape.o', ['-c', `-I${join(prefix, 'include')}`]);
  });

  test('the headers declare what the libraries export, and the manual names it all', () => {
    const declared = headers.map(read).join('').match(/\bchatelaine_\w+(?=\()/g);
    const functions = [...exported(join(libraries, 'libchatelaine.so')), ...exported(join(libraries, 'libchatelaine-fetch.so'))].map((name) => name.split('@')[0]);
    assert.deepEqual([...new Set(declared)].sort(), functions.sort());
    const manual = read('docs/man/libchatelaine.3') + read('docs/man/libchatelaine-fetch.3');
    assert.deepEqual(functions.filter((name) => !manual.includes(`.Fn ${name}`)), []);
    for (const [, word] of manual.matchAll(/\.Fn (chatelaine_\w+)/g)) assert.ok(functions.includes(word), word);
    for (const [, name] of read(headers[0]).matchAll(/CHATELAINE_([A-Z_]+) = \d{3}/g)) assert.ok(manual.includes(name.toLowerCase().replaceAll('_', '-')), name);
  });

  test('the manual is well formed', () => {
    assert.equal(run('mandoc', ['-T', 'lint', '-W', 'warning', join(root, 'docs/man/libchatelaine.3'), join(root, 'docs/man/libchatelaine-fetch.3')]), '');
  });

  test('the headers are plain C and C++, one without the other', () => {
    for (const header of ['chatelaine', 'fetch']) {
      const source = join(work, 'header.c');
      writeFileSync(source, `#include <chatelaine/${header}.h>\n`);
      for (const language of [['-x', 'c', '-std=c99'], ['-x', 'c++', '-std=c++11']]) {
        run('clang', [...language, '-Wall', '-Wextra', '-pedantic', '-Werror', '-fsyntax-only', `-I${join(prefix, 'include')}`, source]);
      }
    }
  });

  test('does no input or output, starts no thread, and asks for no library beyond its three', () => {
    const file = join(libraries, 'libchatelaine.so');
    const needed = [...dynamic(file).matchAll(/NEEDED.*\[(.+?)\.so/g)].map(([, name]) => name).sort();
    assert.deepEqual(needed.filter((name) => !/^(libc|libm|ld-linux.*)$/.test(name)), ['libcrypto', 'libjansson', 'libsodium']);
    const suspicious = /^(socket|connect|bind|listen|accept|send|recv|getaddrinfo|open|openat|fopen|creat|read|pread|fread|unlink|rename|fork|exec.*|system|popen|pthread_create|thrd_create|signal|sigaction|setlocale|setenv|putenv|getenv|curl_.*|ev_.*|exit|_exit)(64|_chk)?$/;
    assert.deepEqual(imported(file).filter((name) => suspicious.test(name)), []);
  });

  test('the static library shows nothing but its interface', () => {
    for (const name of ['libchatelaine', 'libchatelaine-fetch']) {
      const symbols = run('nm', ['--extern-only', '--defined-only', join(libraries, `${name}.a`)]).trim().split('\n').filter((line) => / [A-Z] /.test(line))
        .map((line) => line.split(' ')[2]).sort();
      assert.deepEqual(symbols, exported(join(libraries, `${name}.so`)).map((symbol) => symbol.split('@')[0]).sort());
    }
  });

  /* ---- the examples ---- */

  const example = (name) => join(root, 'examples/libchatelaine', name);

  test('the example compiles with what pkg-config says, shared and static, and verifies', async () => {
    const key = await makeKey('ES256');
    const keys = join(work, 'keys.json');
    writeFileSync(keys, JSON.stringify({ keys: [key.publicJwk] }));
    const good = await key.sign(claims());
    const other = await key.sign(claims({ aud: 'mail' }));
    const forms = {
      shared: [cc([example('verify.c')], 'verify-shared', packageFlags('--cflags', '--libs', 'libchatelaine')), shared],
      static: [cc([example('verify.c')], 'verify-static',
        packageFlags('--static', '--cflags', '--libs', 'libchatelaine').map((flag) => (flag === '-lchatelaine' ? '-l:libchatelaine.a' : flag))), {}],
    };
    assert.match(dynamic(join(work, 'verify-shared')), /libchatelaine\.so\.0/);
    assert.doesNotMatch(dynamic(join(work, 'verify-static')), /libchatelaine/);
    for (const [program, options] of Object.values(forms)) {
      const accepted = status(program, [keys, good], options);
      assert.equal(accepted.code, 0, accepted.errors);
      assert.deepEqual(JSON.parse(accepted.output), { sub: 'ada', name: 'Ada' });
      assert.deepEqual(status(program, [keys, other], options), { code: 1, output: 'refused: aud-mismatch\n', errors: '' });
      assert.equal(status(program, [keys, `${good.slice(0, -6)}AAAAAA`], options).output, 'refused: signature-mismatch\n');
      const broken = join(work, 'broken.json');
      writeFileSync(broken, '{"keys": [');
      assert.equal(status(program, [broken, good], options).code, 2);
    }
  });

  test('what the documentation and the manual show compiles: C by gcc and clang, C++, and runs', async () => {
    const markdown = [...read('docs/library.md').matchAll(/```c\n([^]*?)```/g)].map(([, block]) => block);
    const manual = ['libchatelaine', 'libchatelaine-fetch'].map((name) => /\.Bd -literal\n([^]*?)\.Ed/.exec(read(`docs/man/${name}.3`).split('.Sh EXAMPLES')[1])[1].replaceAll('\\e', '\\'));
    const begun = 'struct chatelaine_issuer *acme = chatelaine_issuer_new("acme", CHATELAINE_KEY_SET);\nstruct chatelaine_verifier *verifier = NULL;\nstruct chatelaine_result *result = chatelaine_result_new();\n';
    assert.ok(markdown.length === 2 && manual.every((block) => block.length > 100));
    const bodies = [...markdown, ...manual].map((block) => `${/issuer_new/.test(block) ? '' : begun}${block.replaceAll('\u2026', '\nreturn;\n')}`);
    const source = `#include <chatelaine/fetch.h>\n#include <err.h>\n#include <stdio.h>\n#include <string.h>
      void greet(const char *name); void log(const char *word);
      void greet(const char *name) { printf("good day, %s\\n", name); }
      ${bodies.map((body, i) => `void example_${i}(const char *secret, size_t secret_len, const char *token, size_t token_len);
      void example_${i}(const char *secret, size_t secret_len, const char *token, size_t token_len) {
        (void)secret; (void)secret_len; (void)token; (void)token_len;\n${body.replaceAll('log(', 'note(')}\n}`).join('\n')}
      int main(int argc, char **argv) { if (argc == 3) example_0(argv[1], strlen(argv[1]), argv[2], strlen(argv[2])); return 0; }`
      .replace('void log(const char *word);', 'void note(const char *word); void note(const char *word) { printf("refused: %s\\n", word); }');
    const secret = 'a secret of at least thirty-two bytes';
    const good = signWithSecret(secret, claims());
    const other = signWithSecret(secret, claims({ aud: 'mail' }));
    for (const [compiler, language, extension] of [['gcc', '-std=gnu11', 'c'], ['clang', '-std=gnu11', 'c'], ['clang++', '-std=c++17', 'cc']]) {
      const file = join(work, `shown.${extension}`);
      writeFileSync(file, source);
      const program = join(work, `shown-${compiler}`);
      run(compiler, [language, '-Wall', '-Wextra', '-Werror', '-Wno-unused-but-set-variable', '-Wno-unused-variable', '-o', program, file, ...packageFlags('--cflags', '--libs', 'libchatelaine-fetch')]);
      assert.equal(status(program, [secret, await good], shared).output, 'good day, ada\n', compiler);
      assert.equal(status(program, [secret, await other], shared).output, 'refused: aud-mismatch\n', compiler);
    }
  });

  test('a program may call its own things what we call ours', async () => {
    const source = join(work, 'clash.c');
    const ours = ['str_equal', 'arena_new', 'arena_alloc', 'mem_alloc', 'json_read', 'jose_verify', 'identity_verify', 'buffer_append', 'clock_now_s', 'loop_run',
      'egress_start', 'base64url_decode', 'library_run', 'words', 'url_read', 'mem_escape', 'str_from'];
    writeFileSync(source, `#include <chatelaine/fetch.h>\n#include <stdlib.h>\n${ours.map((name) => `void ${name}(void);\nvoid ${name}(void) { abort(); }`).join('\n')}
      int main(void) {
        struct chatelaine_issuer *issuer = chatelaine_issuer_new("acme", CHATELAINE_HMAC);
        const struct chatelaine_issuer *const issuers[] = {issuer};
        struct chatelaine_verifier *verifier;
        struct chatelaine_fetcher *fetcher;
        struct chatelaine_result *result = chatelaine_result_new();
        chatelaine_issuer_add_secret(issuer, "0123456789abcdef0123456789abcdef", 32);
        if (chatelaine_verifier_new(issuers, 1, &verifier, NULL) != CHATELAINE_OK)
          return 1;
        if (chatelaine_verify(verifier, "e30.e30.e30", 11, result) != CHATELAINE_REFUSED)
          return 2;
        return chatelaine_fetcher_new(verifier, NULL, &fetcher) == CHATELAINE_INVALID ? 0 : 3;
      }`);
    // Ours static, theirs shared: Debian has no static libraries of all that libcurl needs.
    const flags = [...packageFlags('--cflags', '--libs', 'libchatelaine-fetch').map((flag) => flag.replace(/^-l(chatelaine(-fetch)?)$/, '-l:lib$1.a')),
      '-lcurl', '-lssl', '-lcrypto', '-lsodium', '-ljansson', '-lev', '-lm'];
    assert.equal(status(cc([source], 'clash-static', flags), []).code, 0);
    // Exported by the program, so that a shared library with the same name inside would find them first.
    assert.equal(status(cc([source], 'clash-shared', ['-rdynamic', ...packageFlags('--cflags', '--libs', 'libchatelaine-fetch')]), [], shared).code, 0);
  });

  test('may be loaded and let go while a thread that has verified lives on', () => {
    const source = join(work, 'plugin.c');
    writeFileSync(source, `#define _GNU_SOURCE
      #include <chatelaine/chatelaine.h>
      #include <dlfcn.h>
      #include <pthread.h>
      #include <stdio.h>
      #define FIND(name) __typeof__(name) *find_##name = (__typeof__(name) *)dlsym(library, #name)
      static pthread_barrier_t verified, closed;
      static void *library;
      static void *verify(void *unused) {
        FIND(chatelaine_issuer_new); FIND(chatelaine_issuer_add_secret); FIND(chatelaine_issuer_free);
        FIND(chatelaine_verifier_new); FIND(chatelaine_verifier_free);
        FIND(chatelaine_result_new); FIND(chatelaine_result_free); FIND(chatelaine_verify); FIND(chatelaine_result_detail);
        struct chatelaine_issuer *issuer = find_chatelaine_issuer_new("acme", CHATELAINE_HMAC);
        const struct chatelaine_issuer *const issuers[] = {issuer};
        struct chatelaine_verifier *verifier;
        struct chatelaine_result *result = find_chatelaine_result_new();
        find_chatelaine_issuer_add_secret(issuer, "0123456789abcdef0123456789abcdef", 32);
        if (find_chatelaine_verifier_new(issuers, 1, &verifier, NULL) != CHATELAINE_OK)
          return unused;
        const char token[] = "eyJhbGciOiJIUzI1NiJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        enum chatelaine_status status = find_chatelaine_verify(verifier, token, sizeof token - 1, result);
        printf("%d %d\\n", status, find_chatelaine_result_detail(result));
        find_chatelaine_result_free(result);
        find_chatelaine_verifier_free(verifier);
        find_chatelaine_issuer_free(issuer);
        pthread_barrier_wait(&verified);
        pthread_barrier_wait(&closed);
        return unused;
      }
      int main(int argc, char **argv) {
        pthread_t thread;
        library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
        if (library == NULL || pthread_barrier_init(&verified, NULL, 2) || pthread_barrier_init(&closed, NULL, 2) ||
            pthread_create(&thread, NULL, verify, NULL))
          return 1;
        pthread_barrier_wait(&verified);
        dlclose(library);
        pthread_barrier_wait(&closed);
        return pthread_join(thread, NULL);
      }`);
    const program = cc([source], 'plugin', [`-I${join(prefix, 'include')}`, '-std=gnu11', '-pthread', '-ldl']);
    assert.deepEqual(status(program, [join(libraries, 'libchatelaine.so.0')]), { code: 0, output: '1 408\n' });
  });

  test('the fetching example follows its provider: rotation, and a provider that has died', async (t) => {
    const [first, second] = [await makeKey('RS256', { kid: 'first' }), await makeKey('ES256', { kid: 'second' })];
    const served = await serveKeys(t, first);
    const program = cc([example('verify_fetching.c')], 'fetching', packageFlags('--cflags', '--libs', 'libchatelaine-fetch'));
    const child = spawn(program, [served.url, 'private'], { ...shared, stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.stdin.end());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (token) => {
      child.stdin.write(`${token}\n`);
      return (await lines.next()).value;
    };
    assert.equal(await ask(await first.sign(claims())), 'ada');
    served.answer = { keys: [first.publicJwk, second.publicJwk] };
    assert.equal(await ask(await second.sign(claims({ sub: 'grace' }))), 'grace');
    served.answer = (request, response) => response.writeHead(500).end();
    assert.equal(await ask(await first.sign(claims())), 'ada');
    const unknown = await makeKey('ES256', { kid: 'unknown' });
    for (let i = 0; i < 20; i++) assert.equal(await ask(await unknown.sign(claims())), 'refused: unknown-kid');
    assert.equal(await ask('nonsense'), 'refused: malformed');
    assert.equal(served.requests, 2);
  });

  test('Python calls it with nothing but ctypes, from several threads', async () => {
    const key = await makeKey('EdDSA');
    const program = `
import json, sys, threading
sys.path.insert(0, ${JSON.stringify(join(root, 'examples/libchatelaine'))})
from chatelaine import Refused, Verifier, version
import jwt
asked = json.load(sys.stdin)
verifier = Verifier({"issuers": [{"name": "acme", "mode": "hmac", "audiences": ["chat"], "mapping": {"who": "name"}}, {"name": "keys", "mode": "key-set"}]})
secret = b"a secret of at least thirty-two bytes"
verifier.set_secrets("acme", [secret])
verifier.set_keys("keys", asked["keys"])
claims = asked["claims"]
token = jwt.encode(claims, secret, "HS256")
told = {"version": version(), "identity": verifier.verify(token), "by_key": verifier.verify(asked["token"])["sub"]}
try:
    verifier.verify(jwt.encode({**claims, "aud": "mail"}, secret, "HS256"))
except Refused as refused:
    told["refused"] = [refused.reason, refused.detail, str(refused), refused.explanation]
try:
    Verifier({"issuers": [{"name": "acme", "mode": "hmac", "audience": "chat"}]})
except ValueError as error:
    told["error"] = str(error)
subjects = []
threads = [threading.Thread(target=lambda: subjects.extend(verifier.verify(token)["sub"] for _ in range(200))) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
told["subjects"] = [len(subjects), sorted(set(subjects))]
print(json.dumps(told))`;
    const output = run(python, ['-c', program], {
      env: { ...process.env, LIBCHATELAINE: join(libraries, 'libchatelaine.so.0'), PYTHONDONTWRITEBYTECODE: '1' },
      input: JSON.stringify({ keys: { keys: [key.publicJwk] }, token: await key.sign(claims()), claims: claims() }),
    });
    const told = JSON.parse(output);
    assert.deepEqual(told.identity, { sub: 'ada', who: 'Ada' });
    assert.equal(told.by_key, 'ada');
    assert.deepEqual(told.refused, ['bad-claim', 'aud-mismatch', 'The token is for another audience.', '`aud` is `mail`, expected `chat`.']);
    assert.match(told.error, /^\/issuers\/0\/audience: /);
    assert.deepEqual(told.subjects, [800, ['ada']]);
    assert.equal(told.version, /version: '([\d.]+)'/.exec(read('meson.build'))[1]);
    assert.deepEqual(packageFlags('--modversion', 'libchatelaine'), [told.version]);
    assert.deepEqual(readdirSync(join(root, 'examples/libchatelaine')).filter((name) => name.startsWith('__')), []);
  });

  test('library and server say the same of every token: identity, reason, detail, words', async (t) => {
    const issuer = hmacIssuer({ mapping: { who: 'name', plan: 'metadata.plan' } });
    let secret;
    let secretKey;
    const server = await startServer(t, {
      document: environmentDocument({ issuers: [issuer] }),
      prepare: async (one) => {
        secret = await one.newSecret('acme');
        secretKey = await one.newSecretKey();
      },
    });
    const key = await makeKey('RS256');
    const signed = (more, header) => signWithSecret(secret, ada(more), header);
    const tokens = await Promise.all([
      signed(), signed({ metadata: { plan: 'gold' } }), signed({ aud: ['mail', 'chat'] }), signed({ name: undefined }), '', 'a.b', 'a.b.c', 'x'.repeat(20000), key.sign(ada()),
      signed({ exp: now() - 3600 }), signed({ exp: undefined }), signed({ exp: 'soon' }), signed({ nbf: now() + 3600 }), signed({ iat: now() + 3600 }), signed({ iss: undefined }),
      signed({ iss: 'https://other.example' }), signed({ aud: 'mail' }), signed({ aud: undefined }), signed({ sub: undefined }), signed({ sub: '' }), signed({ sub: 'x', azp: 'x' }),
      signed({}, { typ: 'logout+jwt' }), signWithSecret('y'.repeat(43), ada()), rawToken({ alg: 'none' }, ada()), rawToken({ alg: 'HS256', crit: ['exp'] }, ada(), 'x'.repeat(32)),
    ]);
    const byServer = await Promise.all(tokens.map(async (token) => {
      const response = await server.fetch('/v1/verify', { method: 'POST', headers: { Authorization: `Bearer ${secretKey}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) });
      const { verified, identity, reason, detail, message } = await response.json();
      return verified ? { identity } : { reason, detail, message };
    }));
    const program = `
import json, sys
sys.path.insert(0, ${JSON.stringify(join(root, 'examples/libchatelaine'))})
from chatelaine import Refused, Verifier
asked = json.load(sys.stdin)
verifier = Verifier({"issuers": [asked["issuer"]]})
verifier.set_secrets("acme", [asked["secret"].encode()])
def told(token):
    try:
        return {"identity": verifier.verify(token)}
    except Refused as refused:
        return {"reason": refused.reason, "detail": refused.detail, "message": refused.explanation or str(refused)}
print(json.dumps([told(token) for token in asked["tokens"]]))`;
    const byLibrary = JSON.parse(run(python, ['-c', program], {
      env: { ...process.env, LIBCHATELAINE: join(libraries, 'libchatelaine.so.0'), PYTHONDONTWRITEBYTECODE: '1' }, input: JSON.stringify({ issuer, secret, tokens }),
    }));
    const withoutTheHour = (answers) => answers.map((answer) => JSON.parse(JSON.stringify(answer).replace(/it is now [^ "]+/, 'it is now')));
    assert.deepEqual(withoutTheHour(byLibrary), withoutTheHour(byServer));
    assert.ok(byLibrary.filter((answer) => answer.identity).length === 4 && new Set(byLibrary.map((answer) => answer.detail)).size > 14, JSON.stringify(byLibrary));
  });
});
