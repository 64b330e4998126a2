// SPDX-License-Identifier: Apache-2.0
// A client of the admin API that holds every request and every answer against the OpenAPI document that the server itself
// serves. Tests name operations by method and path, as a person does:
//
//   const api = await administrator(server);                       // the first owner: set up, signed in, with a token
//   const { body } = await api.post('/products', { name: 'acme' });       // 201, checked; anything but 2xx and 3xx throws
//   await api.patch(`/products/${id}`, { name: 'x' }, { ifMatch: etag, status: 412 });
import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020.js';

const documents = new Map();

/** The served document, with what finds and checks its operations; one per server. */
export async function documentOf(server) {
  if (!documents.has(server.url)) {
    const response = await server.fetch('/admin/v1/openapi.json');
    assert.equal(response.status, 200);
    documents.set(server.url, new Description(await response.json()));
  }
  return documents.get(server.url);
}

export class Description {
  constructor(document) {
    this.document = document;
    // `example` and `description` and the like are annotations that only OpenAPI knows: strict about types, not about those.
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    this.ajv.addSchema({ $id: 'openapi', ...document });
    this.operations = Object.entries(document.paths).flatMap(([path, item]) => ['get', 'post', 'put', 'patch', 'delete']
      .filter((method) => item[method])
      .map((method) => ({
        method, path, ...item[method],
        pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`),
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((one) => this.resolve(one)),
      })));
  }

  resolve(value) {
    if (!value?.$ref) return value;
    return value.$ref.replace('#/', '').split('/').reduce((at, step) => at[step.replaceAll('~1', '/').replaceAll('~0', '~')], this.document);
  }

  /** An address may fit several patterns (…/tools/check, …/tools/{name}): the one with fewer parameters is meant. */
  find(method, path) {
    const fitting = this.operations.filter((one) => one.method === method.toLowerCase() && one.pattern.test(path));
    return fitting.sort((one, other) => one.path.split('{').length - other.path.split('{').length)[0];
  }

  /** What is wrong with `value`, as a text; '' where nothing is. The schema is one of the document's, or in it by `pointer`. */
  complain(schema, value) {
    schema = this.rooted(schema);
    const validate = this.ajv.compile(schema);
    return validate(value) ? '' : this.ajv.errorsText(validate.errors, { separator: '\n  ' }) + `\n  in ${JSON.stringify(value).slice(0, 1500)}`;
  }

  /** The same schema for use outside of the document: its references name it. Compiled once. */
  rooted(schema) {
    this.known ??= new WeakMap();
    if (!this.known.has(schema)) {
      this.known.set(schema, JSON.parse(JSON.stringify(schema), (name, value) => (name === '$ref' ? `openapi${value}` : value)));
    }
    return this.known.get(schema);
  }

  /** Holds an answer against its operation. */
  check(operation, response, body) {
    const where = `${operation.method.toUpperCase()} ${operation.path} answered ${response.status}`;
    const described = this.resolve(operation.responses[response.status] ?? operation.responses[`${Math.floor(response.status / 100)}XX`]
      ?? (response.status >= 400 ? operation.responses.default : undefined));
    assert.ok(described, `${where}, which the document does not describe: ${JSON.stringify(body)?.slice(0, 800)}`);
    for (const [name, header] of Object.entries(described.headers ?? {})) {
      const wanted = this.resolve(header);
      const given = response.headers.get(name);
      assert.ok(given !== null || !wanted.required, `${where} without ${name}`);
      if (given !== null) assert.equal(this.complain(wanted.schema, given), '', `${where}: its ${name}`);
    }
    if (!described.content) return assert.equal(body, null, `${where}, with a body that the document does not know`);
    const type = (response.headers.get('content-type') ?? '').split(';')[0];
    const content = described.content[type];
    assert.ok(content, `${where} as ${type}, which the document does not describe: ${JSON.stringify(body)?.slice(0, 800)}`);
    if (/json$/.test(type) && content.schema) assert.equal(this.complain(content.schema, body), '', where);
  }

  checkRequest(operation, path, query, body) {
    const where = `${operation.method.toUpperCase()} ${path}`;
    for (const name of Object.keys(query)) {
      assert.ok(operation.parameters.some((one) => one.in === 'query' && one.name === name), `${where}: the document knows no ?${name}=`);
    }
    const schema = this.resolve(operation.requestBody)?.content?.['application/json']?.schema;
    if (body !== undefined) assert.ok(schema, `${where}: the document knows no body`);
    if (body !== undefined) assert.equal(this.complain(schema, body), '', `${where}: the request`);
  }
}

export class Client {
  constructor(server, description, credentials = {}) {
    this.server = server;
    this.description = description;
    Object.assign(this, credentials); // token, or cookie and csrf
  }

  /** The same API in somebody else's name. */
  as(credentials) {
    return new Client(this.server, this.description, credentials);
  }

  headers(method, { ifMatch, ifNoneMatch, key, headers } = {}) {
    const isUnsafe = method !== 'GET';
    return {
      ...(this.token && { Authorization: `Bearer ${this.token}` }),
      ...(this.cookie && { Cookie: this.cookie }),
      ...(this.csrf && isUnsafe && { 'Chatelaine-CSRF': this.csrf }),
      ...(ifMatch && { 'If-Match': ifMatch }),
      ...(ifNoneMatch && { 'If-None-Match': ifNoneMatch }),
      ...(key && { 'Idempotency-Key': key }),
      ...headers,
    };
  }

  /** Sends it and holds the answer against the document. `status`: the one that must come; without, any success. `unchecked`:
   *  the request itself is meant to be wrong. Gives { status, body, etag, headers, text }. */
  async call(method, path, body, { query = {}, status, unchecked = status >= 400, ...options } = {}) {
    const operation = this.description.find(method, path.split('/').map((part) => part).join('/'));
    assert.ok(operation, `the document knows no ${method} ${path}`);
    if (!unchecked) this.description.checkRequest(operation, path, query, body);
    const search = new URLSearchParams(query).toString();
    const response = await this.server.fetch(`/admin/v1${path}${search && `?${search}`}`, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...this.headers(method, options) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && !/jsonl|ndjson/.test(response.headers.get('content-type'));
    const read = text === '' ? null : isJson ? JSON.parse(text) : text;
    this.description.check(operation, response, read);
    if (status) assert.equal(response.status, status, `${method} ${path}: ${text.slice(0, 800)}`);
    else assert.ok(response.status < 400, `${method} ${path} answered ${response.status}: ${text.slice(0, 800)}`);
    return { status: response.status, body: read, text, etag: response.headers.get('etag'), headers: response.headers };
  }

  get(path, options) {
    return this.call('GET', path, undefined, options);
  }
  post(path, body, options) {
    return this.call('POST', path, body, options);
  }
  put(path, body, options) {
    return this.call('PUT', path, body, options);
  }
  patch(path, body, options) {
    return this.call('PATCH', path, body, options);
  }
  delete(path, options) {
    return this.call('DELETE', path, undefined, options);
  }

  /** All items of a list, page after page. (The audit log, oldest first, always has a next page: it can be followed.) */
  async all(path, query = {}) {
    const items = [];
    for (let cursor = null; ;) {
      const { body } = await this.get(path, { query: { ...query, ...(cursor && { cursor }) } });
      items.push(...body.items);
      if (!body.next || body.items.length === 0) return items;
      cursor = body.next;
    }
  }

  /** A client with a personal token of this administrator's. */
  async withToken({ name = 'test', scopes = ['read', 'configure', 'secrets', 'people-write', 'manage', 'own'], product = null } = {}) {
    const { body } = await this.post('/account/api-tokens', { name, scopes, product });
    return this.as({ token: body.token });
  }
}

/** Nobody: a client that has not signed in. */
export async function visitorOf(server) {
  return new Client(server, await documentOf(server));
}

/** What a browser has after signing in: its cookie and CSRF token. */
function signedIn(client, { headers, body }) {
  return client.as({ cookie: headers.getSetCookie().map((one) => one.split(';')[0]).join('; '), csrf: body.csrfToken });
}

export const password = 'correct horse battery staple';

/** Sets the server up: gives its owner's client, by session. */
export async function setUp(server, { email = 'ada@acme.example', name = 'Ada' } = {}) {
  const nobody = await visitorOf(server);
  const { setupToken } = await server.chatelaine('admin', 'setup-token');
  return signedIn(nobody, await nobody.post('/setup', { setupToken, email, name, password }));
}

/** The same by a token with all scopes: what most tests need. */
export async function administrator(server, options) {
  return (await setUp(server, options)).withToken();
}

/** Another administrator, invited by `owner` with these roles and signed in: gives their client, by session. */
export async function invited(owner, { email, name = 'Grace', roles }) {
  const { body } = await owner.post('/admins', { email, name, roles });
  const nobody = owner.as({});
  return signedIn(nobody, await nobody.post('/invitation/accept', { token: body.invitation.token, name, password }));
}

export async function signIn(server, { email = 'ada@acme.example', given = password } = {}) {
  const nobody = await visitorOf(server);
  return signedIn(nobody, await nobody.post('/session', { email, password: given }));
}
