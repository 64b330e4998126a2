// SPDX-License-Identifier: Apache-2.0
// Every route of the document is asked nonsense, for a bounded time: wrong types, huge values, deep JSON, broken UTF-8, NULs,
// members too many and too few, made from each operation's own schema. Whatever it is, the answer comes soon, is no 5xx, is
// what the document says, and where it refuses it is a problem document. The seed is printed: FUZZ_SEED repeats a run,
// FUZZ_MS lengthens it.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { administrator, documentOf } from './lib/openapi.mjs';
import { startServer } from './lib/server.mjs';

const milliseconds = Number(process.env.FUZZ_MS ?? 12_000);
const seed = Number(process.env.FUZZ_SEED ?? 1); // a run of the tests is the same each time

/** mulberry32: the same numbers for the same seed. */
function randomOf(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const deep = (n, open, close) => open.repeat(n) + '0' + close.repeat(n);

class Fuzzer {
  constructor(description, random, ids) {
    Object.assign(this, { description, random, ids });
  }
  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }
  chance(share) {
    return this.random() < share;
  }
  text() {
    return this.pick(['', ' ', 'a', 'acme', 'ä€🙂', '\u0000', 'a\u0000b', '../../etc/passwd', "' OR 1=1 --", '"; DROP TABLE products', '%00', '<script>', '\u202e', 'x'.repeat(64), 'x'.repeat(65),
      'x'.repeat(5000), 'x'.repeat(70_000), 'https://a.example/', 'http://169.254.169.254/', 'javascript:alert(1)', '-1', 'null', '2026-01-01T00:00:00Z', '{{7*7}}', '\ud800', String.fromCharCode(127), '\n\r\t', ...this.ids]);
  }
  anything(depth = 0) {
    const kinds = [() => null, () => true, () => false, () => 0, () => -1, () => 1.5, () => 1e308, () => 9007199254740993, () => -9223372036854775808, () => this.text(), () => [], () => ({})];
    if (depth < 3) kinds.push(() => Array.from({ length: this.pick([1, 3, 200]) }, () => this.anything(depth + 1)), () => ({ [this.text() || 'k']: this.anything(depth + 1), name: this.anything(depth + 1) }));
    return this.pick(kinds)();
  }
  /** A value of the schema, mostly; now and then something else in a place of it. */
  of(schema, wrong = 0.12, depth = 0) {
    schema = this.description.resolve(schema) ?? {};
    if (this.chance(wrong) || depth > 8) return this.anything();
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return this.pick(schema.enum);
    const option = schema.oneOf ?? schema.anyOf;
    if (option) return this.of(this.pick(option), wrong, depth + 1);
    if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => this.of(one, wrong, depth + 1)));
    const type = Array.isArray(schema.type) ? this.pick(schema.type) : schema.type;
    if (schema.example !== undefined && this.chance(0.3)) return structuredClone(schema.example);
    if (type === 'string') return this.chance(0.5) ? this.pick(['shop', 'a', 'https://a.example', 'hmac', 'optional', ...this.ids]) : this.text();
    if (type === 'integer' || type === 'number') return this.pick([schema.minimum ?? 0, schema.maximum ?? 10, (schema.minimum ?? 0) - 1, (schema.maximum ?? 10) + 1, 5, 1e18]);
    if (type === 'boolean') return this.chance(0.5);
    if (type === 'null') return null;
    if (type === 'array') return Array.from({ length: this.pick([0, 1, 2, 30]) }, () => this.of(schema.items ?? {}, wrong, depth + 1));
    if (type === 'object' || schema.properties) {
      const value = {};
      for (const [name, member] of Object.entries(schema.properties ?? {})) {
        if ((schema.required ?? []).includes(name) ? !this.chance(0.05) : this.chance(0.5)) value[name] = this.of(member, wrong, depth + 1);
      }
      if (this.chance(0.1) || !schema.properties) value[this.text() || 'more'] = this.anything();
      return value;
    }
    return this.anything();
  }
  body(operation) {
    const schema = this.description.resolve(operation.requestBody)?.content?.['application/json']?.schema;
    const raw = [() => '', () => '{', () => 'null', () => '[]', () => '"x"', () => deep(63, '[', ']'), () => deep(100, '[', ']'), () => deep(50_000, '[', ']'), () => deep(20_000, '{"a":', '}'), () => '{"name":"a","name":"b"}',
      () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), () => Buffer.from('{"name":"\u0000"}'), () => '{"name":"\\u0000"}', () => '{"name":"\\ud800"}', () => `{"name":"${'x'.repeat(1_000_000)}"}`,
      () => ' '.repeat(1_048_577), () => `[${'1,'.repeat(400_000)}1]`, () => '{"name":1e999}', () => '{"name":123456789012345678901234567890}', () => '\ufeff{}'];
    if (this.chance(0.15)) return this.pick(raw)();
    return JSON.stringify(schema ? this.of(schema) : this.anything());
  }
  path(operation) {
    return operation.path.replace(/\{(\w+)\}/g, (whole, name) => {
      const known = this.ids.filter((id) => (name === 'environment' ? id.startsWith('env_') : name === 'product' ? id.startsWith('prod_') : true));
      if (this.chance(0.85) && known.length > 0) return encodeURIComponent(this.pick(known));
      return this.pick(['x', '%20', '%00', '%ff', '%E2%82', '..', '%2e%2e', 'a'.repeat(3000), '-1', '%27', encodeURIComponent('ä🙂'), encodeURIComponent(this.text().replace(/[\ud800-\udfff]/g, '').slice(0, 500)) || 'y']);
    });
  }
  query(operation) {
    const pairs = [];
    for (const parameter of operation.parameters.filter((one) => one.in === 'query')) {
      if (parameter.required || this.chance(0.4)) pairs.push([parameter.name, this.chance(0.5) ? String(this.of(parameter.schema, 0.2)) : this.text()]);
    }
    if (this.chance(0.1)) pairs.push([this.text(), this.text()]);
    if (this.chance(0.05) && pairs.length > 0) pairs.push(pairs[0]);
    const text = pairs.map((pair) => pair.map((part) => encodeURIComponent(part.replace(/[\ud800-\udfff]/g, '').slice(0, 3000))).join('=')).join('&');
    return this.chance(0.05) ? `?${text}&${this.pick(['%', '%zz', '=', '&&&', '%00=1', 'a=%ff', 'a&a'])}` : text && `?${text}`;
  }
}

/** By hand, so that what is sent is what was meant; answers { status, type, text } or what became of the connection. */
function send(server, { method, path, headers, body }) {
  return new Promise((done) => {
    const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers, setHost: true }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString('utf8') }));
      response.on('error', (error) => done({ broken: error.message }));
    });
    sent.setTimeout(10_000, () => {
      sent.destroy();
      done({ broken: 'no answer within ten seconds' });
    });
    sent.on('error', (error) => done({ broken: error.message }));
    sent.end(body);
  });
}

test(`nonsense at every route, for ${milliseconds} ms (FUZZ_SEED=${seed})`, async (t) => {
  const server = await startServer(t);
  const api = await administrator(server);
  const description = await documentOf(server);
  const { body: product } = await api.post('/products', { name: 'acme' });
  const { body: environment } = await api.post(`/products/${product.id}/environments`, { name: 'live', config: { signIn: { issuers: [{ name: 'shop', mode: 'hmac' }] } } });
  const fuzzer = new Fuzzer(description, randomOf(seed), [product.id, environment.id, 'shop', 'acme', 'live']);
  // What would end the run's own rights, or take its place away, is asked all the same, but not as ourselves.
  const isFatal = /^(deleteProduct|deleteEnvironment|deleteApiToken|deleteAdministrator|removeAdministrator|signOut|changeAdministrator|changePassword|endSession)/;
  const ends = Date.now() + milliseconds;
  const seen = new Map();
  let count = 0;
  const one = async (operation) => {
    const method = operation.method.toUpperCase();
    const token = isFatal.test(operation.operationId) ? 'ca_' + 'A'.repeat(43) : api.token;
    const body = ['POST', 'PUT', 'PATCH'].includes(method) || fuzzer.chance(0.05) ? Buffer.from(fuzzer.body(operation)) : undefined;
    const asked = {
      method, path: `/admin/v1${fuzzer.path(operation)}${fuzzer.query(operation)}`, body,
      headers: {
        Authorization: `Bearer ${fuzzer.chance(0.97) ? token : fuzzer.pick(['', 'ca_', 'x'.repeat(9000), 'Basic'])}`,
        ...(body && { 'Content-Type': fuzzer.chance(0.95) ? 'application/json' : fuzzer.pick(['text/plain', 'application/json;charset=utf-16', 'multipart/form-data', 'x']), 'Content-Length': body.length }),
        ...(fuzzer.chance(0.8) && { 'If-Match': fuzzer.pick(['*', '*', '*', '"1"', '"99999999999999999999"', 'W/"1"', '"', '""', 'x'.repeat(4000), '"1", "2"', '"-1"']) }),
        ...(fuzzer.chance(0.1) && { 'If-None-Match': fuzzer.pick(['*', '"1"', ',,,', '"', 'W/']) }),
        ...(fuzzer.chance(0.2) && { 'Idempotency-Key': fuzzer.pick(['a', 'b', 'x'.repeat(128), 'x'.repeat(129), '"', 'a b']) }),
      },
    };
    const answer = await send(server, asked);
    const what = `${method} ${asked.path.slice(0, 300)} with ${body?.toString('utf8').slice(0, 600)}`;
    count++;
    assert.ok(!answer.broken, `${what}: ${answer.broken}`);
    seen.set(`${operation.operationId} ${answer.status}`, (seen.get(`${operation.operationId} ${answer.status}`) ?? 0) + 1);
    assert.ok(answer.status < 500 || answer.status === 501, `${what} answered ${answer.status} ${answer.text.slice(0, 400)}`);
    if (answer.status >= 400) {
      assert.equal(answer.headers['content-type'], 'application/problem+json', `${what} answered ${answer.status} ${answer.text.slice(0, 200)}`);
      const problem = JSON.parse(answer.text);
      assert.equal(problem.status, answer.status);
      if (problem.type !== 'about:blank') assert.equal(description.complain({ $ref: '#/components/schemas/Problem' }, problem), '', what);
    } else if (/^application\/json(;|$)/.test(answer.headers['content-type'] ?? '') && answer.status !== 304) {
      assert.notEqual(answer.text, '', `${what} answered ${answer.status} without a body`);
      const real = description.find(method, decodeURIComponent(asked.path.split('?')[0].slice('/admin/v1'.length)));
      if (real) description.check(real, { status: answer.status, headers: new Headers(answer.headers) }, JSON.parse(answer.text));
    }
  };
  // Each operation once, however slow the machine; then whatever comes.
  const queue = [...description.operations];
  while (queue.length > 0 || Date.now() < ends) {
    await Promise.all(Array.from({ length: 6 }, () => one(queue.shift() ?? fuzzer.pick(description.operations))));
  }
  const reached = new Set([...seen.keys()].map((key) => key.split(' ')[0]));
  const done = new Set([...seen.keys()].filter((key) => / (2|304)/.test(key)).map((key) => key.split(' ')[0]));
  t.diagnostic(`${count} requests, ${reached.size} of ${description.operations.length} operations, ${done.size} of them with success too`);
  assert.equal(reached.size, description.operations.length);
  await api.get(`/environments/${environment.id}`, { unchecked: true });
});
