// SPDX-License-Identifier: Apache-2.0
// Every command says and does the same on the machine itself and, by an API token, against a server elsewhere: the same
// commands run on two fresh installations, one way each, and what they print is compared.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { files, here, installation, there, withoutIds } from './lib/cli.mjs';
import { connect } from './lib/client.mjs';
import { environmentDocument, hmacIssuer } from './lib/document.mjs';
import { password, setUp } from './lib/openapi.mjs';
import { storeOf } from './lib/postgres.mjs';
import { binary, freePort, run, startServer } from './lib/server.mjs';
import { ada, now, signWithSecret } from './lib/tokens.mjs';

const place = ['--product', 'acme', '--environment', 'test'];
const tool = (name, more = {}) => ({
  name, title: name, description: 'Does it.', url: 'http://127.0.0.1:9/do', access: 'public',
  parameters: { type: 'object', properties: { account: { type: 'string' } } }, ...more,
});

test('every command gives the same both ways', async (t) => {
  const write = files(t);
  const one = await installation(t), other = await installation(t);
  const ways = [one.here, other.there];
  const seen = [];
  /** `args` may be made of what the commands before gave: a function of that way's memory. */
  const memories = [{}, {}];
  const both = async (args, { status = 0, input, keep } = {}) => {
    const results = await Promise.all(ways.map((way, i) => way(typeof args === 'function' ? args(memories[i]) : args, { input })));
    const named = (typeof args === 'function' ? args(memories[0]) : args).join(' ');
    for (const result of results) assert.equal(result.status, status, `${named}: ${result.stderr}${result.stdout}`);
    assert.equal(withoutIds(results[0].stdout), withoutIds(results[1].stdout), named);
    assert.equal(withoutIds(results[0].stderr), withoutIds(results[1].stderr), named);
    seen.push(named);
    if (keep) results.forEach((result, i) => (memories[i][keep] = JSON.parse(result.stdout)));
    return results[0];
  };
  const config = write('config.json', environmentDocument().config);
  const wrong = write('wrong.json', { origins: ['acme.example/path'] });
  const document = write('document.json', environmentDocument({ tools: [tool('one')] }));
  const file = write('chatelaine.json', { product: 'acme', environment: 'live', ...environmentDocument({ issuers: [hmacIssuer()] }),
    secrets: { 'model-key': { $file: 'model-key' } } });
  write('model-key', 'sk-0123456789012345678901234567\n');

  await both(['product', 'create', 'acme', '--json'], { keep: 'product' });
  await both(['product', 'create', 'acme'], { status: 1 });
  await both(['product', 'create', 'A b'], { status: 1 });
  await both(['product', 'create', 'shop']);
  await both(['product', 'rename', 'shop', 'store']);
  await both(['product', 'rename', 'shop', 'store'], { status: 1 });
  await both(['product', 'list']);
  await both(['product', 'list', '--json']);
  await both(['product', 'delete', 'store']);
  await both(['environment', 'create', 'test', '--product', 'acme', '-f', config]);
  await both(['environment', 'create', 'test', '--product', 'acme'], { status: 1 });
  await both(['environment', 'create', 'wrong', '--product', 'acme', '-f', wrong], { status: 1 });
  await both(['environment', 'list']);
  await both(['environment', 'list', '--product', 'acme', '--json']);
  await both(['environment', 'show', ...place]);
  await both(['environment', 'show', '--environment', 'nowhere', '--product', 'acme'], { status: 1 });
  await both(['environment', 'show', '--environment', 'env_0198c0a4d1e27000a3b1c2d3e4f50618'], { status: 1 });
  await both(['environment', 'set-config', ...place, '-f', config]);
  await both(['environment', 'set-config', ...place, '-f', wrong], { status: 1 });
  await both(['environment', 'set-config', ...place, '-f', config, '--version', '7'], { status: 1 });
  await both(['environment', 'apply', ...place, '-f', document]);
  await both(['environment', 'apply', ...place, '-f', document, '--json']);
  await both(['environment', 'apply', '--product', 'acme', '--environment', 'staging', '-f', document]);
  await both(['environment', 'rename', '--product', 'acme', '--environment', 'staging', 'stage']);
  await both(['environment', 'delete', '--product', 'acme', '--environment', 'stage', 'other'], { status: 1 });
  await both(['environment', 'delete', '--product', 'acme', '--environment', 'stage', 'stage']);
  await both(['key', 'issue', '--secret', ...place, '--json'], { keep: 'key' });
  await both(['key', 'issue', ...place]);
  await both(['key', 'list', ...place]);
  await both(['key', 'list', ...place, '--json']);
  await both(['environment', 'keys', ...place]);
  await both(({ key }) => ['key', 'revoke', key.id, ...place]);
  await both(({ key }) => ['key', 'revoke', key.id, ...place], { status: 1 });
  await both(['secret', 'generate', ...place, '--json'], { keep: 'secret' });
  await both(['secret', 'generate', ...place], { status: 1 });
  await both(['secret', 'generate', ...place, '--issuer', 'nobody'], { status: 1 });
  await both(['secret', 'rotate', ...place]);
  await both(['secret', 'rotate', ...place, '--now', '--json']);
  await both(['secret', 'generate', ...place, '--purpose', 'tool-signing', '--lifetime', '90d']);
  await both(['secret', 'set', 'model', ...place], { input: 'sk-0123456789012345678901234567' });
  await both(['secret', 'list', ...place, '--all']);
  await both(['secret', 'list', ...place, '--json']);
  await both(({ secret }) => ['secret', 'kill', secret.id, ...place], { status: 1 });
  await both(['tool', 'put', ...place, '-f', write('tools.json', [tool('one'), tool('two')])]);
  await both(['tool', 'put', ...place, '-f', write('bad.json', [tool('one'), tool('two', { colour: 'red' })])], { status: 1 });
  await both(['tool', 'list', ...place]);
  await both(['tool', 'show', 'one', ...place]);
  await both(['tool', 'show', 'nothing', ...place], { status: 1 });
  await both(['tool', 'try', 'one', ...place, '--arguments', write('arguments.json', { account: 'a' })]);
  await both(['tool', 'try', 'one', ...place, '--arguments', write('arguments.json', { account: 7 })], { status: 1 });
  await both(['tool', 'try', 'nothing', ...place], { status: 1 });
  await both(['tool', 'remove', 'two', ...place]);
  await both(['tool', 'remove', 'two', ...place], { status: 1 });
  await both(['knowledge', 'put', ...place, '-f', write('fees.json', { id: 'fees', title: 'Fees', triggers: ['fees'], text: 'None.' })]);
  await both(['knowledge', 'list', ...place]);
  await both(['knowledge', 'show', 'fees', ...place]);
  await both(['knowledge', 'remove', 'fees', ...place]);
  await both(['issuer', 'list', ...place]);
  await both(['issuer', 'preview', ...place, '-f', write('issuer.json', hmacIssuer({ name: 'next' }))], { status: 0 });
  await both(['token', 'test', ...place], { input: 'rubbish', status: 1 });
  await both(['token', 'test', ...place, '--json'], { input: 'a.b.c', status: 1 });
  await both(['apply', '-f', file, '--dry-run'], { status: 2 });
  await both(['apply', '-f', file]);
  await both(['apply', '-f', file]);
  await both(['apply', '-f', file, '--json']);
  await both(['import', '-f', file], { status: 1 });
  await both(['export']);
  await both(['export', '--product', 'acme', '--environment', 'live', '--json']);
  await both(['visitor', 'list', ...place]);
  await both(['visitor', 'show', 'vis_0198c0a4d1e27000a3b1c2d3e4f50618', ...place], { status: 1 });
  await both(['visitor', 'erase', 'vis_0198c0a4d1e27000a3b1c2d3e4f50618', '--yes', ...place], { status: 1 });
  await both(['conversation', 'list', ...place]);
  await both(['conversation', 'delete', 'conv_0198c0a4d1e27000a3b1c2d3e4f50618', ...place], { status: 1 });
  await both(['statistics', ...place, '--required']);
  await both(['admin', 'list']);
  await both(['admin', 'invite', 'grace@acme.example', '--name', 'Grace', '--role', 'developer@acme', '--json']);
  await both(['admin', 'invite', 'grace@acme.example', '--name', 'Grace', '--role', 'developer@acme'], { status: 1 });
  await both(['admin', 'invite', 'x@acme.example', '--name', 'X', '--role', 'king'], { status: 2 });
  await both(['admin', 'role', 'grace@acme.example', '--role', 'viewer']);
  await both(['admin', 'reset-password', 'grace@acme.example', '--json']);
  await both(['admin', 'remove', 'grace@acme.example'], { status: 2 });
  await both(['admin', 'remove', 'grace@acme.example', '--yes']);
  await both(['admin', 'remove', 'grace@acme.example', '--yes'], { status: 1 });
  await both(['api', 'GET', '/products']);
  await both(['api', 'GET', '/nothing'], { status: 1 });
  await both(['api', 'GET', '/products', '--query', 'limit=x'], { status: 1 });
  await both(['api', 'POST', '/products', '-f', write('body.json', { name: 'by-hand' })]);
  await both(['api', 'POST', '/products', '-f', write('body.json', { nome: 'by-hand' })], { status: 1 });
  await both(['api', 'FETCH', '/products'], { status: 2 });

  const actions = (text) => JSON.parse(text).map(({ action, target, outcome }) => withoutIds(`${action} ${target} ${outcome}`));
  const [local, remote] = await Promise.all(ways.map((way) => way(['audit', 'list', '--json', '--limit', '500', ...place])));
  assert.deepEqual(actions(local.stdout), actions(remote.stdout));
  assert.ok(JSON.parse(local.stdout).every(({ actor }) => /^cli:/.test(actor)), 'the operator is named');
  assert.ok(JSON.parse(remote.stdout).every(({ actor }) => /^token:tok_/.test(actor)), 'the token is named');
  const [exported, elsewhere] = await Promise.all(ways.map((way) => way(['audit', 'export', ...place])));
  assert.equal(exported.stdout.trim().split('\n').length, elsewhere.stdout.trim().split('\n').length);
  assert.match((await other.there(['audit', 'export', '--format', 'csv', ...place])).stdout, /^.*action.*\r?\n/);
  assert.equal(other.server.stderr.includes('0123456789012345678901234567'), false, 'a secret is in no log');
  assert.ok(seen.length > 80);
});

test('visitors and conversations are shown, exported, signed out and erased from afar', async (t) => {
  const { server, there: cli } = await installation(t, { document: environmentDocument() });
  const secret = await server.newSecret('acme');
  await server.settled();
  const client = await connect(t, server);
  const token = await signWithSecret(secret, ada());
  assert.equal((await client.identify(token)).type, 'auth.upgraded');
  await client.ask("business hours");
  await new Promise((done) => setTimeout(done, 1500));
  const json = async (...args) => {
    const { status, stdout, stderr } = await cli([...args, ...place, '--json']);
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const visitor = (await json('visitor', 'list', '--kind', 'verified'))[0];
  assert.equal(visitor.subject, ada().sub);
  assert.equal((await json('visitor', 'show', visitor.id)).id, visitor.id);
  const [conversation] = await json('conversation', 'list', '--visitor', visitor.id);
  const shown = await cli(['conversation', 'show', conversation.id, ...place]);
  assert.match(shown.stdout, /business hours[\s\S]*9:00/);
  const directory = files(t).directory;
  const file = join(directory, 'ada.json');
  assert.equal((await cli(['visitor', 'export', visitor.id, '-o', file, ...place])).status, 0);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).visitor.subject, ada().sub);
  assert.match((await cli(['visitor', 'export', visitor.id, '-o', file, ...place])).stderr, /there already/);
  const asked = await cli(['visitor', 'revoke', visitor.id, ...place]);
  assert.equal(asked.status, 2);
  assert.match(asked.stderr, new RegExp(`${ada().sub}.*signed out everywhere.*--yes`));
  assert.equal((await cli(['visitor', 'revoke', visitor.id, '--yes', ...place])).status, 0);
  const verdict = await cli(['token', 'test', ...place], { input: token });
  assert.equal(verdict.status, 1);
  assert.match(verdict.stdout, /Refused: bad-claim, revoked/);
  assert.match(verdict.stdout, /What to do: /);
  const fresh = await signWithSecret(secret, { ...ada(), iat: now() + 2, exp: now() + 600 });
  assert.match((await cli(['token', 'test', ...place], { input: fresh })).stdout, /^Verified/);
  assert.equal((await cli(['conversation', 'delete', conversation.id, '--yes', ...place])).status, 0);
  const erased = await cli(['visitor', 'erase', visitor.id, '--yes', ...place]);
  assert.match(erased.stdout, /^Erased: /, erased.stderr);
  assert.equal((await cli(['visitor', 'show', visitor.id, ...place])).status, 1);
});

test('a token that may less is told so; one that is none, and none at all', async (t) => {
  const server = await startServer(t, { document: environmentDocument() });
  const local = here(server.data);
  const reader = there(server.url, (await (await setUp(server)).withToken({ name: 'reader', scopes: ['read'] })).token);
  assert.equal((await reader(['product', 'list'])).status, 0);
  assert.match((await reader(['product', 'create', 'x'])).stderr, /takes the role/);
  assert.match((await reader(['secret', 'generate', ...place])).stderr, /takes the role/);
  assert.equal((await local(['product', 'list'])).stdout.includes(' x '), false);
  const stranger = there(server.url, `ca_${'x'.repeat(43)}`);
  const refused = await stranger(['product', 'list', '--json']);
  assert.equal(refused.status, 1);
  assert.equal(JSON.parse(refused.stderr).problem.status, 401);
  assert.equal((await there(server.url, '')(['product', 'list'])).status, 2);
  assert.equal((await there(server.url, 'ca_ü')(['product', 'list'])).status, 2);
});

test('API tokens are made by who signs in for it, which no token and no operator has', async (t) => {
  const { server, there: cli, here: local } = await installation(t);
  assert.match((await cli(['api-token', 'list'])).stdout, /^ID +NAME +TOKEN[\s\S]* test +ca_/);
  const by = ['--email', 'ada@acme.example', '--password-file', files(t)('password', `${password}\n`)];
  const scopes = ['--scope', 'read', '--days', '7'];
  const without = await cli(['api-token', 'create', 'deploy', ...scopes]);
  assert.equal(without.status, 1);
  assert.match(without.stderr, /no API token may do it/);
  const wrong = await cli(['api-token', 'create', 'deploy', ...scopes, ...by.slice(0, 2), '--password-file', '-'], { input: 'a wrong password' });
  assert.equal(wrong.status, 1);
  assert.doesNotMatch(wrong.stderr, /a wrong password/);
  assert.equal((await cli(['api-token', 'create', 'deploy', ...scopes, ...by.slice(0, 2)])).status, 2, 'nobody to ask for the password');
  const made = await cli(['api-token', 'create', 'deploy', ...scopes, ...by, '--json']);
  assert.equal(made.status, 0, made.stderr);
  const { token, apiToken } = JSON.parse(made.stdout);
  assert.equal((await there(server.url, token)(['product', 'list'])).status, 0);
  assert.equal((await there(server.url, token)(['product', 'create', 'x'])).status, 1);
  assert.match((await cli(['api-token', 'list', ...by])).stdout, /deploy/);
  assert.equal((await cli(['api-token', 'revoke', apiToken.id, ...by])).status, 2);
  assert.equal((await cli(['api-token', 'revoke', apiToken.id, '--yes', ...by])).status, 0);
  assert.equal((await there(server.url, token)(['product', 'list'])).status, 1);
  assert.equal((await local(['api-token', 'create', 'x', ...scopes, ...by])).status, 2, 'there is nothing to sign in to');
  assert.notEqual((await local(['api-token', 'list'])).status, 0, 'nobody has signed in on the machine itself');
});

test('a token goes to no place but the one it is meant for', async (t) => {
  const env = { CHATELAINE_TOKEN: `ca_${'x'.repeat(43)}` };
  for (const [url, why] of [
    ['http://chat.example', /https/], ['chat.example', /https:\/\//], ['https:///x', /host/], ['https://a@b', /no more/], ['https://a/?b', /no more/],
    ['http://127.0.0.1.evil.example', /https/], ['http://localhost:80@evil.example', /no more/], ['ftp://x', /https/],
  ]) {
    const { status, stderr } = await run(['product', 'list', '--server', url], { env });
    assert.equal(status, 2, url);
    assert.match(stderr, why, url);
  }
  const { status, stderr } = await run(['product', 'list', '--server', 'http://127.0.0.1:9'], { env });
  assert.equal(status, 1);
  assert.match(stderr, /did not answer/);

  // Not followed to wherever an answer points.
  let asked = 0;
  const thief = createServer((request, response) => (asked++, response.end('{"items":[],"next":null}')));
  const server = createServer((request, response) => response.writeHead(307, { Location: `http://127.0.0.1:${thief.address().port}/` }).end());
  for (const one of [thief, server]) {
    await new Promise((done) => one.listen(0, '127.0.0.1', done));
    t.after(() => new Promise((done) => (one.closeAllConnections(), one.close(done))));
  }
  const redirected = await run(['product', 'list', '--server', `http://127.0.0.1:${server.address().port}`], { env });
  assert.equal(redirected.status, 1);
  assert.equal(asked, 0);
  const rubbish = await run(['product', 'list', '--server', `http://127.0.0.1:${thief.address().port}`], { env });
  assert.equal(rubbish.status, 0, rubbish.stderr);
});

test('over HTTPS, with a certificate that is known or is not', async (t) => {
  const write = files(t);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(write.directory, 'key.pem'),
    '-out', join(write.directory, 'cert.pem'), '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
  const { server, api } = await installation(t, { document: environmentDocument() });
  const port = await freePort();
  const secure = spawn(binary, ['serve', '--data', server.data, '--listen', `127.0.0.1:${port}`, '--threads', '1', '--tls-certificate', join(write.directory, 'cert.pem'),
    '--tls-key', join(write.directory, 'key.pem')], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...storeOf(['--data', server.data]) } });
  const ended = new Promise((done) => secure.once('close', done));
  t.after(async () => {
    secure.kill('SIGTERM');
    await ended;
  });
  await new Promise((done) => secure.stderr.setEncoding('utf8').on('data', (text) => text.includes('"listening"') && done()));
  const cli = there(`https://127.0.0.1:${port}`, api.token);
  const unknown = await cli(['product', 'list']);
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /did not answer.*(certificate|TLS)/i);
  const known = await cli(['product', 'list', '--extra-ca-file', join(write.directory, 'cert.pem')]);
  assert.match(known.stdout, /acme/, known.stderr);
});

test('the place on the command line goes before the one in the environment', async (t) => {
  const { server, here: local } = await installation(t, { document: environmentDocument() });
  const elsewhere = { CHATELAINE_SERVER: 'http://127.0.0.1:9', CHATELAINE_TOKEN: 'ca_x' };
  assert.match((await local(['product', 'list'], { env: elsewhere })).stdout, /acme/);
  assert.match((await run(['product', 'list'], { env: elsewhere })).stderr, /did not answer/);
  const two = await run(['product', 'list', '--data', server.data, '--server', server.url]);
  assert.equal(two.status, 2);
  assert.match(two.stderr, /two places/);
});
