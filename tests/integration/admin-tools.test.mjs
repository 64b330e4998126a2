// SPDX-License-Identifier: Apache-2.0
// Tools and knowledge through the admin API: versions, checks with their places, and tools tried as a visitor.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { environmentDocument, hmacIssuer } from './lib/document.mjs';
import { administrator } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';
import { ada, bob, now, signWithSecret } from './lib/tokens.mjs';
import { until } from './lib/wire.mjs';

describe('tools and knowledge', () => {
  let server, api, environment, secret, toolSecret, backend, calls;
  const ends = [];
  const t = { after: (end) => ends.push(end) };
  after(async () => {
    for (const end of ends.reverse()) await end();
  });
  before(async () => {
    calls = [];
    const http = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      calls.push({ headers: request.headers, body });
      const said = JSON.parse(body);
      if (request.url === '/slow') return; // never
      if (request.url === '/broken') return response.writeHead(500, { 'Content-Type': 'application/problem+json' }).end('{"detail":"out of order"}');
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ balance: 'EUR 12.00', account: said.arguments.account }));
    });
    await new Promise((done) => http.listen(0, '127.0.0.1', done));
    t.after(() => new Promise((done) => (http.closeAllConnections(), http.close(done))));
    backend = `http://127.0.0.1:${http.address().port}`;
    server = await startServer(t, {
      document: environmentDocument({ issuers: [hmacIssuer()], tools: [] }),
      prepare: async (one) => (secret = await one.newSecret('acme')),
    });
    api = await administrator(server);
    environment = `/environments/${server.acme.environment}`;
  });

  const balance = (more = {}) => ({
    name: 'get_balance', title: 'Account balance', description: 'The balance of the account.', url: `${backend}/balance`, access: 'sign-in',
    requiredClaims: ['accountId'], permissions: ['balance:read'],
    parameters: { type: 'object', properties: { account: { type: 'string' }, currency: { type: 'string', enum: ['EUR', 'USD'] } }, required: ['account'] },
    bind: { account: 'accountId' }, auditValues: ['currency'], triggers: ['my balance'], answer: 'Your balance is **{balance}**, {user.name}.', ...more,
  });

  test('a tool is added, read, replaced and removed by version', async () => {
    const { body: made, etag, headers } = await api.post(`${environment}/tools`, balance(), { key: 'k1' });
    assert.deepEqual([made.name, made.version, etag], ['get_balance', 1, '"1"']);
    assert.equal(headers.get('location'), `/admin/v1${environment}/tools/get_balance`);
    assert.deepEqual(made.document, balance());
    const again = await api.post(`${environment}/tools`, balance(), { key: 'k1' });
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    await api.post(`${environment}/tools`, balance(), { status: 409 });
    await api.get(`${environment}/tools/get_balance`, { ifNoneMatch: etag, status: 304 });
    await api.put(`${environment}/tools/get_balance`, balance(), { status: 428 });
    const { body: changed } = await api.put(`${environment}/tools/get_balance`, balance({ title: 'Balance' }), { ifMatch: etag });
    assert.deepEqual([changed.version, changed.document.title], [2, 'Balance']);
    await api.put(`${environment}/tools/get_balance`, balance(), { ifMatch: etag, status: 412 });
    const { body: renamed } = await api.put(`${environment}/tools/get_balance`, balance({ name: 'other' }), { ifMatch: '"2"', status: 422 });
    assert.equal(renamed.errors[0].pointer, '/name');
    await api.put(`${environment}/tools/nowhere`, balance({ name: 'nowhere' }), { ifMatch: '*', status: 404 });
    await api.delete(`${environment}/tools/get_balance`, { ifMatch: '"1"', status: 412 });
    await api.delete(`${environment}/tools/get_balance`, { ifMatch: '"2"' });
    await api.get(`${environment}/tools/get_balance`, { status: 404 });
    const { body: audit } = await api.get(`${environment}/audit`, { query: { action: 'tool.put' } });
    assert.ok(audit.items.length >= 2);
  });

  test('what is wrong with a tool is said with its place; a draft is checked without being saved', async () => {
    const { body } = await api.post(`${environment}/tools`, balance({ bind: { acount: 'accountId' } }), { status: 422 });
    assert.equal(body.errors[0].pointer, '/bind/acount');
    const { body: bad } = await api.post(`${environment}/tools/check`, { document: balance({ parameters: { type: 'object', propertees: {} } }) });
    assert.deepEqual([bad.isValid, bad.modelSees], [false, null]);
    assert.match(bad.problems[0].pointer, /^\/parameters/);
    const { body: good } = await api.post(`${environment}/tools/check`, { document: balance() });
    assert.equal(good.isValid, true);
    assert.deepEqual(Object.keys(good.modelSees.parameters.properties), ['currency'], 'the model does not see what is bound');
    assert.ok(good.warnings.some((one) => one.code === 'url-not-secure'));
    await api.get(`${environment}/tools/get_balance`, { status: 404 });
  });

  test('lists are paged and searched', async () => {
    for (const name of ['b_one', 'a_two', 'c_three']) await api.post(`${environment}/tools`, { name, url: 'https://x.example', title: `Title of ${name}` });
    assert.deepEqual((await api.all(`${environment}/tools`, { limit: 2 })).map((one) => one.name), ['a_two', 'b_one', 'c_three']);
    const { body } = await api.get(`${environment}/tools`, { query: { search: 'TITLE OF C' } });
    assert.deepEqual(body.items.map((one) => one.name), ['c_three']);
    assert.equal(body.next, null);
    for (const name of ['b_one', 'a_two', 'c_three']) await api.delete(`${environment}/tools/${name}`, { ifMatch: '*' });
  });

  test('knowledge has the same life', async () => {
    const snippet = { id: 'parking', title: 'Parking', triggers: ['where can I park'], text: 'Behind the **house**.' };
    const { etag } = await api.post(`${environment}/knowledge`, snippet);
    const { body } = await api.put(`${environment}/knowledge/parking`, { ...snippet, text: 'In front.' }, { ifMatch: etag });
    assert.deepEqual([body.id, body.version, body.document.text], ['parking', 2, 'In front.']);
    const { body: wrong } = await api.post(`${environment}/knowledge`, { ...snippet, id: 'x', triggers: [] }, { status: 422, unchecked: true });
    assert.equal(wrong.errors[0].pointer, '/triggers');
    assert.deepEqual((await api.all(`${environment}/knowledge`)).map((one) => one.id), ['hours', 'parking']);
    await api.delete(`${environment}/knowledge/parking`, { ifMatch: '"2"' });
  });

  describe('tried as a visitor', () => {
    const attempt = async (body, options) => (await api.post(`${environment}/tools/get_balance/try`, body, options)).body;
    before(async () => {
      await api.post(`${environment}/tools`, balance());
    });

    test('anonymously, with a bad token, without the permission, without the claim', async () => {
      const anonymous = await attempt({});
      assert.deepEqual([anonymous.verdict, anonymous.user, anonymous.gate.allowed, anonymous.gate.reason, anonymous.request], [null, null, false, 'sign-in-required', null]);
      const bad = await attempt({ token: await signWithSecret('x'.repeat(64), ada()) });
      assert.deepEqual([bad.verdict.verified, bad.verdict.detail, bad.gate.reason], [false, 'signature-mismatch', 'sign-in-required']);
      const forbidden = await attempt({ token: await signWithSecret(secret, ada({ permissions: [] })) });
      assert.deepEqual([forbidden.gate.reason, forbidden.gate.detail], ['permission-missing', 'balance:read']);
      const claimless = await attempt({ token: await signWithSecret(secret, ada({ accountId: undefined })) });
      assert.deepEqual([claimless.gate.reason, claimless.gate.detail], ['claim-missing', 'accountId']);
    });

    test('what would be sent: bound arguments are the claims, whatever was said', async () => {
      const said = await attempt({ token: await signWithSecret(secret, ada()), arguments: { account: '2002', currency: 'EUR' } });
      assert.equal(said.gate.allowed, true);
      assert.deepEqual(said.arguments, [
        { name: 'account', value: '1001', source: 'claim', claim: 'accountId', dropped: '2002' },
        { name: 'currency', value: 'EUR', source: 'given', claim: null, dropped: null },
      ]);
      assert.deepEqual(said.request.body.arguments, { account: '1001', currency: 'EUR' });
      assert.equal(said.request.body.user.sub, 'customer-ada');
      assert.deepEqual([said.answer, said.durationMs, calls.length], [null, null, 0], 'nothing was called');
      const wrong = await attempt({ token: await signWithSecret(secret, ada()), arguments: { currency: 'GBP' } });
      assert.deepEqual([wrong.argumentsProblem.reason, wrong.argumentsProblem.pointer, wrong.request], ['arguments-invalid', '/currency', null]);
    });

    test('really called: signed, and in the audit log as tried, not as the visitor', async () => {
      const token = await signWithSecret(secret, bob({ exp: now() + 200 }));
      const { body: unsigned } = await api.post(`${environment}/tools/get_balance/try`, { token, run: true }, { status: 409 });
      assert.equal(unsigned.type, 'urn:chatelaine:problem:tool-signing-missing');
      toolSecret = await server.newSecret('tools');
      const said = await attempt({ token, arguments: { currency: 'USD' }, run: true });
      assert.deepEqual([said.answer.outcome, said.answer.status, said.answer.result], ['ok', 200, { balance: 'EUR 12.00', account: '2002' }]);
      assert.equal(said.answer.shown, 'Your balance is **EUR 12.00**, Bob Martin.');
      assert.ok(said.durationMs > 0);
      const [call] = calls;
      assert.equal(new Webhook(toolSecret).verify(call.body, call.headers).tool, 'get_balance');
      assert.ok(!JSON.stringify(said).includes('whsec_') && !JSON.stringify(said).includes('webhook-signature'));
      const { body: audit } = await api.get(`${environment}/audit`, { query: { tool: 'get_balance', action: 'tool.try' } });
      const row = audit.items[0];
      assert.deepEqual([row.outcome, row.subject, row.visitor], ['allowed', null, null]);
      assert.match(row.actor, /^(token|admin|cli):/);
      const broken = await attempt({ token, run: true, draft: balance({ url: `${backend}/broken` }) });
      assert.deepEqual([broken.answer.outcome, broken.answer.status], ['error', 500]);
    });

    test('whoever leaves before the tool has answered is in the audit log all the same', async () => {
      const token = await signWithSecret(secret, ada());
      const leaving = new AbortController();
      const called = calls.length;
      const asked = server.fetch(`/admin/v1${environment}/tools/get_balance/try`, {
        method: 'POST', signal: leaving.signal, headers: { ...api.headers('POST', {}), 'Content-Type': 'application/json' },
        body: JSON.stringify({ token, run: true, draft: balance({ url: `${backend}/slow` }) }) }).catch((error) => error.name);
      await until(() => calls.length > called, { what: 'the call' });
      leaving.abort();
      assert.equal(await asked, 'AbortError');
      await until(async () => (await api.get(`${environment}/audit`, { query: { action: 'tool.try', outcome: 'failed', reason: 'timed-out' } })).body.items.length === 1, { what: 'the row' });
    });

    test('the rule assistant: what it would choose, and why', async () => {
      const ask = async (body) => (await api.post(`${environment}/assistant/try`, body)).body;
      const tool = await ask({ text: 'What is my balance?', token: await signWithSecret(secret, ada()) });
      assert.deepEqual([tool.kind, tool.tool, tool.gate.allowed, tool.candidates[0].trigger], ['tool', 'get_balance', true, 'my balance']);
      assert.equal((await ask({ text: 'What is my balance?' })).gate.reason, 'sign-in-required');
      const knowledge = await ask({ text: 'What are your business hours?' });
      assert.deepEqual([knowledge.kind, knowledge.knowledge], ['knowledge', 'hours']);
      assert.equal((await ask({ text: 'Hello' })).kind, 'small-talk');
      assert.deepEqual([(await ask({ text: 'Colourless green ideas' })).kind, (await ask({ text: 'Colourless green ideas' })).candidates], ['fallback', []]);
      await api.post(`${environment}/assistant/try`, { text: '  ' }, { status: 422 });
    });
  });
});
