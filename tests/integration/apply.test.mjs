// SPDX-License-Identifier: Apache-2.0
// A configuration file: applied, shown before, exported, imported; what is wrong in it is said with its line; secrets stand
// elsewhere and are seen nowhere. On the machine itself and against a server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import { files, here, installation } from './lib/cli.mjs';
import { environmentDocument, hmacIssuer, keySetIssuer } from './lib/document.mjs';
import { binary, chatelaine, plainBinary, run, temporaryDirectory } from './lib/server.mjs';
import { onPostgres } from './lib/postgres.mjs';

const secretValue = 'sk-proj-Zr7QmT1xvKc93LhWbN5e';
const tool = (name, more = {}) => ({
  name, title: name, description: 'Does it.', url: 'https://tools.example/do', access: 'public',
  parameters: { type: 'object', properties: {} }, ...more,
});
const live = (more = {}) => ({ product: 'acme', environment: 'live', ...environmentDocument({ tools: [tool('one'), tool('two')] }), ...more });

async function fresh(t) {
  const data = join(temporaryDirectory(t), 'data');
  await chatelaine('init', '--data', data);
  return { data, cli: here(data), write: files(t) };
}

/** Everything that the installation keeps, as one digest. */
function digest(data) {
  const hash = createHash('sha256');
  for (const name of readdirSync(data).sort()) if (statSync(join(data, name)).isFile() && !name.endsWith('-shm')) hash.update(name).update(readFileSync(join(data, name)));
  return hash.digest('hex');
}

test('a file makes what is missing, shows what differs, and has nothing to do the second time', async (t) => {
  const { data, cli, write } = await fresh(t);
  const file = write('chatelaine.json', live());
  const dry = await cli(['apply', '-f', file, '--dry-run']);
  assert.equal(dry.status, 2, dry.stderr);
  assert.match(dry.stdout, /^acme \/ live\n {2}\+ environment live\n {2}\+ config\n/);
  assert.match(dry.stdout, /\+ tool one\n[\s\S]*\+ tool two\n[\s\S]*\+ knowledge hours\n[\s\S]*5 to add, 0 to change, 0 to remove\./);
  assert.match((await cli(['product', 'list'])).stdout, /no products/, 'nothing was made');
  const made = await cli(['apply', '-f', file]);
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /Made live \(env_[0-9a-f]{32}\)\.\n {2}Its publishable key, for the page: pk_/);
  assert.match(made.stdout, /chatelaine secret generate --product acme --environment live --issuer acme/);
  assert.match(made.stdout, /chatelaine secret generate --product acme --environment live --purpose tool-signing/);
  for (const more of [[], ['--dry-run']]) {
    const again = await cli(['apply', '-f', file, ...more]);
    assert.equal(again.status, 0);
    assert.match(again.stdout, /Nothing to do/);
  }

  const changed = live();
  changed.config.origins = ['https://new.example', 'https://acme.example'];
  changed.config.assistant.greeting = 'Good day.';
  changed.tools = [tool('two', { description: 'First.\nSecond.\nThird.' }), tool('three')];
  changed.knowledge = [];
  writeFileSync(file, JSON.stringify(changed, null, 2));
  const before = onPostgres ? '' : digest(data);
  const shown = await cli(['apply', '-f', file, '--dry-run']);
  assert.equal(shown.status, 2);
  for (const line of ['  ~ config', '+ origins[0]: "https://new.example"', '~ assistant.greeting: "Hello." → "Good day."', '  ~ tool two', '  + tool three',
    '  - tool one', '  - knowledge hours', '- Does it.', '+ Second.', '1 to add, 2 to change, 2 to remove.'])
    assert.ok(shown.stdout.includes(line), `${line}\n${shown.stdout}`);
  assert.doesNotMatch(shown.stdout, /\u001b/, 'no colours where nobody looks');
  if (!onPostgres) assert.equal(digest(data), before, 'a dry run writes nothing');
  assert.equal((await cli(['apply', '-f', file])).status, 0);
  assert.deepEqual((await chatelaine('tool', 'list', '--data', data, '--product', 'acme', '--environment', 'live')).map(({ name }) => name), ['three', 'two']);
});

test('colours and questions are for a terminal', async (t) => {
  const { data, cli, write } = await fresh(t);
  await cli(['apply', '-f', write('a.json', live())]);
  const file = write('b.json', live({ tools: [] }));
  // script(1) gives the program a terminal.
  const onTerminal = (answer, env = {}) => new Promise((done) => {
    const child = spawn('script', ['-qec', `${binary} apply -f ${file} --data ${data}`, '/dev/null'], { env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      if (piece.includes('to go on')) child.stdin.write(`${answer}\n`);
    });
    child.once('close', (status) => done({ status, text }));
  });
  const refused = await onTerminal('no');
  assert.notEqual(refused.status, 0);
  assert.match(refused.text, /\u001b\[31m- tool one/);
  assert.match(refused.text, /Nothing was done/);
  assert.equal((await chatelaine('tool', 'list', '--data', data, '--product', 'acme', '--environment', 'live')).length, 2);
  const plain = await onTerminal('yes', { NO_COLOR: '1' });
  assert.equal(plain.status, 0, plain.text);
  assert.doesNotMatch(plain.text, /\u001b\[3/);
  assert.equal((await chatelaine('tool', 'list', '--data', data, '--product', 'acme', '--environment', 'live')).length, 0);
});

test('what is wrong is said with file, line and column', async (t) => {
  const { cli, write } = await fresh(t);
  const lines = (...text) => text.join('\n');
  const table = [
    [lines('{', '  "config": {},', '  "tools": [}', '}'), 3, 13, 'not JSON'],
    [lines('{ "config": {}', '  "tools": [] }'), 2, null, ''],
    ['', 1, null, 'The file is empty.'],
    [lines('{', '  "config": {},', '}'), 3, 1, 'Nothing follows the comma before this: take it away.'],
    [lines('product: acme', 'environment: live'), 1, null, 'The file must hold JSON'],
    [lines('{', '  "tools": ["caf\u00e9"', '  "config": {} }'), 3, null, 'A comma is missing'],
    ['{"config": {}, "config": {}}', 1, null, ''],
    [lines('{', '  "config": {', '    "origins": ["https://a.example", "a.example/path"]', '  }', '}'), 3, 38, '/config/origins/1'],
    [lines('{', '  "config": {', '    "signIn": { "issuers": [', '      { "name": "a", "mode": "hmac" },', '      { "name": "b", "mode": "hope" }', '    ] } } }'), 5, 30, '/config/signIn/issuers/1/mode'],
    [lines('{', '  "config": {', '    "colour": 1 } }'), 3, null, '/config/colour'],
    [lines('{', '  "config": {', '    "orgins": [] } }'), 3, 5, 'Did you mean "origins"?'],
    [lines('{', '  "config": { "signIn": {', '    "issuers": [ { "name": "a", "mode": "hmac", "audience": ["a"] } ] } } }'), 3, 49, 'Did you mean "audiences"?'],
    [lines('{', '  "tools": [ { "name": "a",', '    "param": {} } ] }'), 3, 5, 'There are name, title, description, url,'],
    [lines('{', '  "config": { "signIn": { "issuers": [', '    { "name": "a", "provider": { "id": "auth0", "fields": {} } } ] } } }'), 3, null, '"mode": "key-set"'],
    [lines('{', '  "tools": [', '    { "name": "ünï", "url": "https://a.example" } ] }'), 3, null, '/tools/0'],
    [lines('{ "knowledge": [', '  { "id": "a", "title": "A", "triggers": ["a"] } ] }'), 2, null, '/knowledge/0'],
    [lines('{', '  "config": {},', '\t"tool": [] }'), 3, 2, '/tool'],
    [lines('[1]'), 1, 1, 'JSON object'],
    [lines('{ "environments": [', '  {"environment": "a", "config": {}},', '  {"environment": "b",', '   "config": {"orgins": []}} ] }'), 4, null, '/environments/1/config/orgins'],
    [lines('{ "environments": [', '  7 ] }'), 2, 3, '/environments/0'],
    [lines('{ "secrets": { "a": {', '   "$env": "not a name" } } }'), 2, 12, '/secrets/a/$env'],
    [lines('{ "secrets": {', '   "a": { "$env": "NO_SUCH_VARIABLE_HERE" } } }'), 2, 9, 'NO_SUCH_VARIABLE_HERE'],
    [lines('{ "secrets": {', '   "a": { "$file": "no-such-file" } } }'), 2, 9, 'no such file'],
  ];
  for (const [text, line, column, words] of table) {
    const file = write('chatelaine.json', text);
    const at = ['--product', 'acme', ...(text.includes('environments') ? [] : ['--environment', 'live'])];
    const { status, stderr } = await cli(['apply', '-f', file, ...at]);
    assert.equal(status, 1, text);
    assert.ok(stderr.includes(words), `${text}\n${stderr}`);
    const place = stderr.match(/--> .*chatelaine\.json:(\d+):(\d+)/) ?? stderr.match(/chatelaine\.json, line (\d+), column (\d+)/);
    assert.ok(place, stderr);
    assert.equal(Number(place[1]), line, stderr);
    if (column) assert.equal(Number(place[2]), column, stderr);
    const { stderr: json } = await cli(['apply', '-f', file, ...at, '--json']);
    const [error] = JSON.parse(json).errors;
    assert.deepEqual([error.file, error.line], [file, line], json);
  }
  // Several at once, each with its excerpt and a mark below.
  const many = write('chatelaine.json', lines('{', '  "product": "acme", "environment": "live",', '  "tool": [],', '  "knowlege": [],', '  "secrets": { "a": "sk-secret-text-here" }', '}'));
  const { stderr } = await cli(['apply', '-f', many]);
  for (const words of ['/tool:', '/knowlege:', '/secrets/a:', ':3:3', ':4:3', ':5:16', '  3 |   "tool": [],', '    |   ^^^^^^']) assert.ok(stderr.includes(words), `${words}\n${stderr}`);
  assert.equal(stderr.includes('sk-secret'), false, 'a secret that stands where it should not is not repeated');
  const wrongs = live({ config: { colour: 1, origins: ['a.example'], limits: { messageCharacters: '1' } }, tools: [tool('a'), tool('b', { x: 1 }), tool('c'), tool('d', { bind: { p: 'q' } })], knowledge: [{ id: 'k' }] });
  const { stderr: all } = await cli(['apply', '-f', write('chatelaine.json', wrongs), '--json']);
  const found = JSON.parse(all).errors;
  assert.deepEqual(found.map(({ pointer }) => pointer.split('/').slice(0, 3).join('/')), ['/config/colour', '/config/origins', '/config/limits', '/tools/1', '/tools/3', '/knowledge/0'], all);
  const written = JSON.stringify(wrongs, null, 2).split('\n');
  assert.match(written[found[3].line - 1], /"x": 1/);
  assert.match(written[found[4].line - 1], /"p"|"bind"/);
  const several = write('chatelaine.json', { product: 'acme', environments: [
    { environment: 'a', config: { origins: ['x'] } }, { environment: 'b' }, { environment: 'c', tools: [{ name: 'x' }] }] });
  const { stderr: both } = await cli(['apply', '-f', several]);
  for (const words of ['/environments/0/config/origins/0', '/environments/2/tools/0']) assert.ok(both.includes(words), both);
  assert.equal((await cli(['product', 'list', '--json'])).stdout.trim(), '[]', 'nothing was made of all that');
  // Editors on Windows begin a file with a byte order mark.
  const marked = write('chatelaine.json', `\ufeff${JSON.stringify({ product: 'acme', environment: 'live', config: {} })}`);
  assert.equal((await cli(['apply', '-f', marked, '--dry-run'])).status, 2);
});

test('secrets stand elsewhere, and are seen nowhere', async (t) => {
  const { data, cli, write } = await fresh(t);
  const env = { MODEL_KEY_HERE: secretValue };
  const file = write('chatelaine.json', live({ secrets: { 'model-key': { $env: 'MODEL_KEY_HERE' }, other: { $file: 'keys/other' } } }));
  const missing = await cli(['apply', '-f', file]);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /MODEL_KEY_HERE is not set/);
  assert.match(missing.stderr, /keys\/other: there is no such file/);
  const noted = await cli(['apply', '-f', file, '--dry-run']);
  assert.equal(noted.status, 2, noted.stderr);
  assert.match(noted.stdout, /\+ secret model-key, from \$MODEL_KEY_HERE \(not to be had here\)/);
  writeFileSync(file, JSON.stringify(live({ secrets: { 'model-key': { $env: 'MODEL_KEY_HERE' } } })));
  const said = [];
  const keep = async (args, options) => {
    const result = await cli(args, options);
    said.push(result.stdout, result.stderr);
    return result;
  };
  assert.equal((await keep(['apply', '-f', file, '--dry-run'], { env })).status, 2);
  assert.equal((await keep(['apply', '-f', file], { env })).status, 0);
  assert.match((await keep(['apply', '-f', file], { env })).stdout, /Nothing to do/, 'the same secret changes nothing');
  assert.match((await keep(['apply', '-f', file, '--json'], { env })).stdout, /"changed":false/);
  const other = await keep(['apply', '-f', file, '--dry-run'], { env: { MODEL_KEY_HERE: 'sk-another-one-entirely-0123456789' } });
  assert.equal(other.status, 2);
  assert.match(other.stdout, /~ secret model-key, from \$MODEL_KEY_HERE\n/);
  const exported = await keep(['export', '--product', 'acme', '--environment', 'live']);
  assert.deepEqual(JSON.parse(exported.stdout).secrets, { 'model-key': { $env: 'MODEL_KEY' } });
  await keep(['audit', 'list', '--product', 'acme', '--environment', 'live', '--json']);
  await keep(['secret', 'list', '--product', 'acme', '--environment', 'live']);
  const kept = readdirSync(data).map((name) => readFileSync(join(data, name), 'latin1')).join('');
  for (const text of [...said, kept]) assert.equal(text.includes(secretValue.slice(6)), false);

  // Nor in the list of processes: the command has nothing of it among its words.
  const child = spawn(binary, ['apply', '-f', '-', '--data', data], { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'ignore'] });
  await new Promise((done) => child.once('spawn', done));
  assert.equal(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').includes(secretValue), false);
  child.stdin.end(readFileSync(file));
  assert.equal(await new Promise((done) => child.once('close', done)), 0);
});

test('an export makes an identical installation', async (t) => {
  const one = await fresh(t), other = await fresh(t);
  const keys = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'a', alg: 'EdDSA', use: 'sig' }] };
  const issuers = [hmacIssuer(), keySetIssuer('https://keys.example/jwks', { name: 'fetched' }),
    { name: 'pasted', mode: 'key-set', keys, issuer: 'https://pasted.example', mapping: { tier: 'https://acme.example/tier' } }];
  const file = one.write('chatelaine.json', {
    product: 'acme',
    environments: [
      { environment: 'live', ...environmentDocument({ issuers, tools: [tool('b'), tool('a')] }), secrets: { 'model-key': { $env: 'KEY' } } },
      { environment: 'staging', ...environmentDocument({ config: { limits: { messageCharacters: 100 } } }) },
      { product: 'shop', environment: 'live', config: { origins: ['https://ä.example'.normalize()].map(() => 'https://xn--4ca.example') }, tools: [], knowledge: [] },
    ],
  });
  const env = { KEY: secretValue, ACME_LIVE_MODEL_KEY: secretValue };
  const applied = await one.cli(['apply', '-f', file], { env });
  assert.equal(applied.status, 0, applied.stderr);
  assert.match((await one.cli(['apply', '-f', file], { env })).stdout, /^(acme \/ live|acme \/ staging|shop \/ live)\n {2}Nothing/);
  const first = await one.cli(['export']);
  assert.deepEqual(JSON.parse(first.stdout).environments.map((each) => `${each.product}/${each.environment}`), ['acme/live', 'acme/staging', 'shop/live']);

  const exported = other.write('exported.json', first.stdout);
  const missing = await other.cli(['import', '-f', exported]);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /ACME_LIVE_MODEL_KEY is not set/);
  const imported = await other.cli(['import', '-f', exported], { env });
  assert.equal(imported.status, 0, imported.stderr);
  assert.match(imported.stdout, /chatelaine secret generate --product acme --environment live --issuer acme/, 'what is missing is told');
  assert.equal((await other.cli(['export'])).stdout, first.stdout, 'byte for byte');
  assert.match((await other.cli(['apply', '-f', exported], { env })).stdout, /Nothing to do/);
  const twice = await other.cli(['import', '-f', exported], { env });
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /already.*chatelaine apply/);

  const target = join(other.write.directory, 'out.json');
  assert.equal((await other.cli(['export', '--product', 'acme', '-o', target])).status, 0);
  assert.equal(JSON.parse(readFileSync(target, 'utf8')).environments.length, 2);
  assert.match((await other.cli(['apply', '-f', target, '--environment', 'staging'], { env })).stdout, /^acme \/ staging\n {2}Nothing to do.*\n/);
  assert.equal((await other.cli(['apply', '-f', target, '--environment', 'nowhere'], { env })).status, 1);
});

test('a token that was verified is verified after the move, where keys are public', async (t) => {
  const { generateKeyPair, exportJWK, SignJWT } = await import('jose');
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] };
  const one = await fresh(t), other = await fresh(t);
  const issuer = { name: 'acme', mode: 'key-set', keys, issuer: 'https://acme.example', audiences: ['chat'] };
  await one.cli(['apply', '-f', one.write('a.json', live({ ...environmentDocument({ issuers: [issuer] }) }))]);
  const { stdout } = await one.cli(['export']);
  assert.equal((await other.cli(['import', '-f', other.write('b.json', stdout)])).status, 0);
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'k' }).setSubject('u-1').setIssuer('https://acme.example').setAudience('chat')
    .setIssuedAt().setExpirationTime('10m').sign(privateKey);
  for (const { cli } of [one, other]) {
    const { status, stdout: said } = await cli(['token', 'test', '--product', 'acme', '--environment', 'live'], { input: token });
    assert.equal(status, 0, said);
  }
});

test('two at once: the second is told, and nothing of theirs is half done', async (t) => {
  const { server, there: cli } = await installation(t);
  const write = files(t);
  const file = write('a.json', live());
  assert.equal((await cli(['apply', '-f', file])).status, 0);
  // What one looked at is changed by the other before it is applied: all but one are told so, or found nothing left to do.
  const results = await Promise.all(Array.from({ length: 8 }, (_, i) =>
    cli(['apply', '-f', write(`b-${i}.json`, live({ tools: [tool('one', { description: `by ${i}` }), tool('two')], knowledge: [] }))])));
  const lost = results.filter(({ status }) => status !== 0);
  for (const { stderr } of lost) assert.match(stderr, /changed by somebody else meanwhile.*apply again/);
  assert.ok(results.some(({ status }) => status === 0));
  t.diagnostic(`${lost.length} of ${results.length} were told`);
  const said = await server.chatelaine('tool', 'show', 'one', '--product', 'acme', '--environment', 'live');
  assert.match(said.description, /^by \d$/);
});

test('a thousand tools are applied in no time', async (t) => {
  const { data, write } = await fresh(t);
  const tools = Array.from({ length: 1000 }, (_, i) => tool(`tool_${i}`, { description: `Does the ${i}th thing.` }));
  const file = write('many.json', live({ tools }));
  const timed = async (args) => {
    const startedAt = Date.now();
    const result = await run([...args, '--data', data], { program: plainBinary });
    return { ...result, took: Date.now() - startedAt };
  };
  const first = await timed(['apply', '-f', file]);
  assert.equal(first.status, 0, first.stderr);
  tools[500].description = 'Something else.';
  writeFileSync(file, JSON.stringify(live({ tools })));
  const second = await timed(['apply', '-f', file]);
  assert.match(second.stdout, /0 to add, 1 to change, 0 to remove/);
  t.diagnostic(`made in ${first.took} ms, one of them changed in ${second.took} ms`);
  assert.ok(first.took < 10_000 && second.took < 5_000, `${first.took} ms, ${second.took} ms`);
});

test('the schema for editors says what the program says', async (t) => {
  const { cli, write } = await fresh(t);
  const { stdout } = await run(['schema']);
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(stdout));
  for (const good of [live(), live({ $schema: './chatelaine.schema.json', secrets: { a: { $env: 'A' }, b: { $file: 'x' } } }), { environments: [live()], product: 'x' }]) {
    assert.ok(validate(good), JSON.stringify(validate.errors));
    assert.notEqual((await cli(['apply', '--dry-run', '-f', write('good.json', good)])).status, 1);
  }
  for (const bad of [live({ colour: 1 }), live({ secrets: { a: 'sk-text' } }), { environments: [] }, { environments: [live({ $schema: 'x' })] }, live({ tools: [{ url: 7 }] }), [],
    live({ config: { orgins: [] } })]) {
    assert.equal(validate(bad), false, JSON.stringify(bad));
    assert.equal((await cli(['apply', '--dry-run', '-f', write('bad.json', bad)])).status, 1);
  }
});
