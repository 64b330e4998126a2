// SPDX-License-Identifier: Apache-2.0
// Whoever has no role in a product: whatever they ask of it, by any route of the document, with real ids, there is nothing.
// And an id of one product says nothing below another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatOnce } from './lib/client.mjs';
import { documentOf, invited, setUp } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';

const tool = (name) => ({ name, title: name, description: 'SECRET-OF-A', url: 'https://tools.example/do', access: 'public', parameters: { type: 'object', properties: {} } });

/** A product with one of everything; what stands in for each parameter of a path. */
async function furnished(t, server, owner, name) {
  const { body: product } = await owner.post('/products', { name });
  const { body: environment } = await owner.post(`/products/${product.id}/environments`, {
    name: 'live', config: { origins: ['https://acme.example'], signIn: { enforcement: 'optional', issuers: [{ name: `shop-${name}`, mode: 'hmac' }] }, assistant: { kind: 'rules', fallback: 'SECRET-OF-A' } },
  });
  const at = `/environments/${environment.id}`;
  await owner.put(`${at}/document`, { tools: [tool(`tool_${name}`)], knowledge: [{ id: `hours-${name}`, title: 'SECRET-OF-A', triggers: ['hours'], text: 'SECRET-OF-A' }] }, { ifMatch: '*' });
  const key = (await owner.post(`${at}/keys`, { kind: 'secret' })).body.key.id;
  const secret = (await owner.post(`${at}/secrets`, { purpose: 'visitor-signing' })).body.record.id;
  await chatOnce(server, { environment: { publishableKey: environment.publishableKey }, origin: 'https://acme.example', text: 'SECRET-OF-A' });
  const first = async (path) => (await owner.get(path)).body.items[0]?.id;
  const conversation = await first(`${at}/conversations`);
  const visitor = await first(`${at}/visitors`);
  const session = await first(`${at}/sessions`);
  assert.ok(conversation && visitor, 'somebody has written');
  return { product: product.id, environment: environment.id, key, secret, conversation, visitor, session: session ?? 'ses_none', issuer: `shop-${name}`, tool: `tool_${name}`, snippet: `hours-${name}` };
}

/** What stands for {name} and {id}, which mean another thing in each path. */
function fill(path, place, things = place) {
  return path.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name === 'product' || name === 'environment') return place[name];
    if (name === 'name') return path.includes('/tools/') ? things.tool : path.includes('/issuers/') ? things.issuer : 'live';
    if (name === 'id') return things.snippet;
    return things[name] ?? 'x_none';
  });
}

const bodies = { createKey: { kind: 'secret' }, createSecret: { purpose: 'tool-signing' }, putSecret: { value: 'x' }, changeProduct: { name: 'taken-over' }, changeEnvironment: { name: 'taken-over' } };

test('another product does not exist, by any route of the document', async (t) => {
  const server = await startServer(t);
  const owner = await setUp(server);
  const a = await furnished(t, server, owner, 'a');
  const b = await furnished(t, server, owner, 'b');
  const grace = await invited(owner, { email: 'grace@acme.example', roles: [{ product: b.product, role: 'admin' }] });
  const { operations } = await documentOf(server);
  const before = (await owner.get(`/environments/${a.environment}/document`)).text;
  let asked = 0;
  for (const operation of operations.filter((one) => /\{(product|environment)\}/.test(one.path))) {
    const method = operation.method.toUpperCase();
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? (bodies[operation.operationId] ?? {}) : undefined;
    const query = Object.fromEntries(operation.parameters.filter((one) => one.in === 'query' && one.required).map((one) => [one.name, 'a']));
    // The whole place is another's.
    const isByName = operation.operationId === 'applyNamedDocument';
    const foreign = await grace.call(method, fill(operation.path, a), body, { unchecked: true, status: 404, ifMatch: '*', query });
    assert.match(foreign.body.type, /problem:not-found$/, `${method} ${operation.path}`);
    assert.doesNotMatch(foreign.text, /SECRET-OF-A|prod_|env_/);
    asked++;
    // Their own place, with what is another's in it.
    const inner = operation.path.match(/\{(\w+)\}/g).map((one) => one.slice(1, -1)).filter((name) => !['product', 'environment'].includes(name));
    if (inner.length === 0 || isByName || ['putSecret'].includes(operation.operationId)) continue;
    const mixed = await grace.call(method, fill(operation.path, b, a), body, { unchecked: true, ifMatch: '*', query, status: undefined }).catch((error) => error);
    if (mixed instanceof Error) assert.match(mixed.message, /answered 4(04|12|22)/, `${method} ${operation.path}: ${mixed.message}`);
    else assert.deepEqual(mixed.body?.items ?? [], [], `${method} ${operation.path}`);
    assert.doesNotMatch(mixed.text ?? mixed.message, /SECRET-OF-A/);
    asked++;
  }
  assert.ok(asked > 60, `${asked} questions`);
  assert.equal((await owner.get(`/environments/${a.environment}/document`)).text, before, 'nothing has changed');
  assert.deepEqual((await grace.all('/products')).map((one) => one.name), ['b']);
  assert.doesNotMatch((await grace.get('/search', { query: { q: 't' } })).text, /tool_a/);
  for (const path of ['/audit', '/settings/single-sign-on']) await grace.get(path, { status: 403 });
});

test('a viewer changes nothing, by any route of the document', async (t) => {
  const server = await startServer(t);
  const owner = await setUp(server);
  const a = await furnished(t, server, owner, 'a');
  const viewer = await invited(owner, { email: 'vera@acme.example', roles: [{ product: a.product, role: 'viewer' }] });
  const { operations } = await documentOf(server);
  const pure = /^(preview|test|try|check)/; // these change nothing, and may be for viewers
  let refused = 0;
  for (const operation of operations.filter((one) => one.method !== 'get' && /\{(product|environment)\}/.test(one.path))) {
    const method = operation.method.toUpperCase();
    const body = method === 'DELETE' ? undefined : (bodies[operation.operationId] ?? {});
    const answer = await viewer.call(method, fill(operation.path, a), body, { unchecked: true, ifMatch: '*' }).catch((error) => error);
    const is403 = answer instanceof Error && /answered 403/.test(answer.message) && /role-insufficient/.test(answer.message);
    assert.ok(is403 || pure.test(operation.operationId), `${method} ${operation.path}: ${answer.message ?? answer.text}`);
    refused += is403;
  }
  assert.ok(refused > 25, `${refused} refused`);
});

test('a token may what its scopes say, and a document by names takes all that it brings about', async (t) => {
  const server = await startServer(t);
  const owner = await setUp(server);
  await furnished(t, server, owner, 'a');
  const by = (scopes) => owner.withToken({ name: scopes.join(' '), scopes });
  const document = { config: { origins: ['https://acme.example'] } };
  const apply = async (client, path, status) => (await client.put(path, document, { status, unchecked: true })).body;
  for (const scopes of [['own'], ['manage', 'configure'], ['read', 'own'], ['read', 'own', 'manage']]) {
    await apply(await by(scopes), '/products/new/environments/live/document', 404);
  }
  await apply(await by(['own']), '/products/a/environments/live/document', 403);
  assert.deepEqual((await (await by(['own'])).get('/products')).body.items, [], 'without read nothing is listed');
  assert.deepEqual((await (await by(['own'])).get('/search', { query: { q: 'a' } })).body.items, []);
  await apply(await by(['read']), '/products/a/environments/live/document', 403);
  await apply(await by(['read', 'configure']), '/products/a/environments/staging/document', 403);
  await apply(await by(['read', 'manage']), '/products/a/environments/staging/document', 403);
  await apply(await by(['read', 'configure']), '/products/a/environments/live/document', 200);
  await apply(await by(['read', 'configure', 'manage']), '/products/a/environments/staging/document', 200);
  await apply(await by(['read', 'configure', 'manage', 'own']), '/products/new/environments/live/document', 200);
  // Somebody invited twice by the same key is invited once, and the link is told once.
  const invitation = { email: 'grace@acme.example', name: 'Grace', roles: [{ product: null, role: 'viewer' }] };
  const first = await owner.post('/admins', invitation, { key: 'i' });
  const again = await owner.post('/admins', invitation, { key: 'i' });
  assert.ok(first.body.invitation.token);
  assert.deepEqual(again.body, { ...first.body, invitation: { ...first.body.invitation, token: null } });
});
