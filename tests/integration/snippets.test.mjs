// SPDX-License-Identifier: Apache-2.0
// The code that the dashboard gives away to be pasted: each is written to a file as it stands and run by its language; the
// token that comes out must verify, without a warning. What only runs inside a company's page is read by its parser.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from './lib/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const esbuild = createRequire(join(root, 'web/package.json'))('esbuild');
const directory = mkdtempSync(join(tmpdir(), 'chatelaine-snippets-'));
after(() => rmSync(directory, { recursive: true, force: true }));

async function load(path) {
  const outfile = join(directory, `${path.replaceAll('/', '-')}.mjs`);
  esbuild.buildSync({ entryPoints: [join(root, 'web/dashboard/src/snippets', path)], bundle: true, format: 'esm', outfile, logLevel: 'silent' });
  return import(pathToFileURL(outfile));
}
const { signingSnippet, languages } = await load('sign.ts');
const { toolSnippets } = await load('../pages/assistant/tool-snippets.ts');
const { pageSnippets, popupSnippet, serverSnippet } = await load('page.ts');

// As the dashboard shows it: text that is a key by its bytes.
const secret = randomBytes(32).toString('base64url');
const user = { id: 'customer-ada', name: 'Ada "Countess" Løvelace', email: 'ada@acme.example' };
const contexts = {
  'sub and exp alone': { issuer: null, audience: null },
  'iss and aud': { issuer: 'https://acme.example/', audience: 'chat' },
  // Whoever names things so must still get code that runs, and nothing that runs beside it.
  'iss and aud that could break out': { issuer: `https://o'neill.example/"+$x#{1}\\`, audience: `'"\\$(id)\`{}<?=1?>` },
};

function inFolder(name) {
  const folder = mkdtempSync(join(directory, `${name}-`));
  return { folder, write: (file, text) => (mkdirSync(join(folder, file, '..'), { recursive: true }), writeFileSync(join(folder, file), text), join(folder, file)) };
}
const start = (program, args, folder, env = {}) => execFileSync(program, args, {
  cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder, CHATELAINE_SECRET: secret, ...env }, input: JSON.stringify(user),
}).trim();

/** How each language runs the file with what an app would add: the user who is signed in. */
const runners = {
  node({ code, file }) {
    const { folder, write } = inFolder('node');
    write(file, code);
    symlinkSync(join(root, 'tests/node_modules'), join(folder, 'node_modules'));
    return start(process.execPath, ['--input-type=module', '-e', `import { chatToken } from './${file}';\nconsole.log(await chatToken(${JSON.stringify(user)}));`], folder);
  },
  python({ code, file }) {
    const { folder, write } = inFolder('python');
    write(file, code);
    const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'; // Debian's own: it has Debian's PyJWT
    return start(python, ['-c', `import json, sys\nsys.path.insert(0, '.')\nfrom chat_token import chat_token\nprint(chat_token(json.load(sys.stdin)))`], folder);
  },
  php({ code, file }) {
    const { folder, write } = inFolder('php');
    write(file, code);
    return start('php', ['-r', `error_reporting(E_ALL); require '${file}'; echo chat_token(json_decode(stream_get_contents(STDIN), true));`], folder);
  },
  ruby({ code, file }) {
    const { folder, write } = inFolder('ruby');
    write(file, code);
    return start('ruby', ['-w', '-rjson', '-e', `require './${file}'; puts chat_token(JSON.parse(STDIN.read, symbolize_names: true))`], folder);
  },
  go({ code, file }) {
    const { folder, write } = inFolder('go');
    write(file, code);
    // Debian has the library's version 4, in which making and signing a token is what it is in 5: it stands in under that name.
    cpSync('/usr/share/gocode/src/github.com/golang-jwt/jwt', join(folder, 'jwt'), { recursive: true });
    write('jwt/go.mod', 'module github.com/golang-jwt/jwt/v5\n\ngo 1.19\n');
    write('go.mod', 'module acme.example/app\n\ngo 1.19\n\nrequire github.com/golang-jwt/jwt/v5 v5.0.0\n\nreplace github.com/golang-jwt/jwt/v5 => ./jwt\n');
    write('main.go', 'package main\n\nimport (\n\t"acme.example/app/chattoken"\n\t"fmt"\n)\n\nfunc main() {\n'
      + `\ttoken, err := chattoken.For(${[user.id, user.name, user.email].map((one) => JSON.stringify(one)).join(', ')})\n`
      + '\tif err != nil {\n\t\tpanic(err)\n\t}\n\tfmt.Println(token)\n}\n');
    return start('go', ['run', '.'], folder, { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOCACHE: join(directory, 'go-cache'), GOPATH: join(directory, 'go') });
  },
};

async function verify(token, { issuer, audience }) {
  const file = join(directory, 'secret');
  writeFileSync(file, secret, { mode: 0o600 });
  const args = [...(issuer ? ['--issuer', issuer] : []), ...(audience ? ['--audience', audience] : [])];
  const { status, stdout, stderr } = await run(['token', 'verify', '--secret-file', file, ...args, '--json'], { input: token });
  assert.ok(status === 0 || status === 1, stderr);
  return JSON.parse(stdout);
}

describe('signing in a backend', () => {
  for (const [what, context] of Object.entries(contexts)) {
    for (const language of languages.filter((one) => runners[one])) {
      test(`${language}, ${what}: the token verifies`, async () => {
        const snippet = signingSnippet(language, context);
        assert.ok(!snippet.code.includes(secret));
        const token = runners[language](snippet);
        const answer = await verify(token, context);
        assert.equal(answer.verified, true, JSON.stringify(answer));
        assert.deepEqual(answer.identity, { sub: user.id, name: user.name, email: user.email });
        const codes = (answer.warnings ?? []).map((one) => one.code);
        assert.ok(!codes.some((code) => /lifetime|issued-at|iat|jti|token-id/.test(code)), codes.join());
      });
    }
    test(`java, ${what}: its compiler’s parser takes it`, { skip: spawnSync('javac', ['-version']).error ? 'no javac here' : false }, () => {
      const { folder, write } = inFolder('java');
      const file = write('ChatToken.java', signingSnippet('java', context).code);
      // The library is not at hand: whatever is wrong beside its names would stand there as another kind of error.
      const { stderr } = spawnSync('javac', ['-d', join(folder, 'out'), '-encoding', 'UTF-8', file], { encoding: 'utf8' });
      const errors = stderr.split('\n').filter((line) => / error: /.test(line)).map((line) => line.replace(/^.* error: /, ''));
      assert.deepEqual(errors.filter((error) => !/^(package (com\.nimbusds\.\S+|JWTClaimsSet) does not exist|cannot find symbol)$/.test(error)), [], stderr);
    });
  }
  test('with another secret it does not', async () => {
    const token = runners.node(signingSnippet('node', contexts['sub and exp alone']));
    const file = join(directory, 'other');
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 });
    const { stdout } = await run(['token', 'verify', '--secret-file', file, '--json'], { input: token });
    assert.equal(JSON.parse(stdout).detail, 'signature-mismatch');
  });
});

// The libraries of Standard Webhooks are at hand for Node.js alone: the others are read by their language, and no more.
describe('a tool’s backend', () => {
  const readers = {
    node: (file) => ['node', ['--check', file]],
    python: (file) => ['python3', ['-c', 'import ast, sys; ast.parse(open(sys.argv[1]).read())', file]],
    php: (file) => ['php', ['-l', file]],
    ruby: (file) => ['ruby', ['-wc', file]],
    go: (file) => ['gofmt', ['-e', file]],
  };
  for (const path of ['/tools/balance', `/'); evil("`]) {
    for (const { id, file, code } of toolSnippets(path)) {
      test(`${id}, called at ${path}: its language reads it`, () => {
        const { folder, write } = inFolder(id);
        const [program, args] = readers[id](write(file, id === 'go' ? `package main\n\n${code}` : code));
        start(id === 'node' ? process.execPath : program, args, folder);
        assert.ok(!code.includes('evil'));
      });
    }
  }
});

describe('what goes into the page', () => {
  const page = { serverUrl: 'https://chat.example', productId: 'prod_1', publishableKey: 'pk_1' };
  const hostile = { ...page, fields: { tenantDomain: `a'b\\`, clientId: `'};alert(1)//`, issuer: `https://x'y` } };
  const scripts = (html) => [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].map(([, attributes, code]) => ({ attributes, code }));
  const parse = (code, loader) => esbuild.transformSync(code, { loader, jsx: 'automatic', format: 'esm', supported: { 'top-level-await': true }, logLevel: 'silent' });

  for (const source of ['backend', 'auth0', 'clerk', 'cognito', 'workos', 'firebase', 'oidc']) {
    test(`${source}: script tag and React parse, with the environment’s own ids`, () => {
      for (const context of [page, hostile]) {
        const [script, react] = pageSnippets(source, context);
        const [loader, own] = scripts(script.code);
        assert.match(loader.attributes, /src="https:\/\/chat\.example\/widget\.js" async/);
        assert.equal(/type="module"/.test(own.attributes), source !== 'backend', 'imports need a module');
        assert.doesNotMatch(parse(own.code, 'js').code, /alert\(1\)(?!\/\/)/);
        parse(react.code, 'tsx');
        for (const { code } of [script, react]) assert.match(code, /productId: 'prod_1',\s+serviceKey: 'pk_1',/);
      }
    });
  }
  test('React knows the widget’s options: types hold', () => {
    const { folder, write } = inFolder('types');
    const { code } = pageSnippets('backend', page)[1];
    write('backend.tsx', code);
    write('misspelt.tsx', code.replace('serviceKey', 'serviceKay'));
    write('react.d.ts', "declare module 'react' { export function useRef<T>(of: T | null): { current: T | null }; export function useEffect(run: () => () => void, on: unknown[]): void; }\n"
      + "declare module 'react/jsx-runtime' { export namespace JSX { interface IntrinsicElements { div: { ref?: { current: HTMLDivElement | null } } } } export const jsx: unknown; }\n");
    write('tsconfig.json', JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, target: 'ES2022', lib: ['ES2023', 'DOM', 'DOM.Iterable'], module: 'ESNext', moduleResolution: 'Bundler', jsx: 'react-jsx',
        skipLibCheck: true, types: [], typeRoots: [], paths: { '@chatelaine/widget': [join(root, 'web/widget/src/index.ts')] },
      },
      files: ['react.d.ts', 'backend.tsx', 'misspelt.tsx'],
    }));
    const { stdout } = spawnSync(process.execPath, [join(root, 'web/node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
    assert.deepEqual(stdout.split('\n').filter((line) => /^(\S*\/)?backend\.tsx/.test(line)), [], stdout);
    assert.match(stdout, /misspelt\.tsx.*serviceKay/);
  });
  test('the sign-in page that posts the token back, and the server that speaks for a page', () => {
    for (const { code } of scripts(popupSnippet(`https://x'y`))) parse(code, 'js');
    const { code } = serverSnippet(page);
    parse(code, 'js');
    assert.ok(readFileSync(join(root, 'docs/protocol.md'), 'utf8').includes('POST /v1/chat'));
  });
});
