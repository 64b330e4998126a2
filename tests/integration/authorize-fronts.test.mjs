// SPDX-License-Identifier: Apache-2.0
// GET /v1/authorize behind real fronts, each with the very configuration that docs/authorize shows: who is signed in reaches the
// backend with their identity, and nobody reaches it with somebody else's.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { visitorOf } from '../../docs/authorize/upstream.mjs';
import { environmentDocument } from './lib/document.mjs';
import { freePort, startServer, temporaryDirectory } from './lib/server.mjs';
import { ada, bob, now, signWithSecret } from './lib/tokens.mjs';
import { until, Wire } from './lib/wire.mjs';

const docs = fileURLToPath(new URL('../../docs/authorize/', import.meta.url));
const ends = [];
const t = { after: (end) => ends.push(end) };
let server;
let backend;
let foreignKey;
const tokens = {};
const askedInItsPlace = []; // questions meant for Chatelaine that came to the backend

/** What reaches the backend, told back: { method, url, headers (raw pairs), visitor, body }. */
async function startBackend() {
  const listening = createServer({ maxHeaderSize: 32 * 1024 }, (request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (data) => (body += data)).on('end', () => {
      const headers = request.rawHeaders.reduce((list, text, i) => (i % 2 ? list : [...list, [text, request.rawHeaders[i + 1]]]), []);
      if (request.url.startsWith('/v1/authorize')) askedInItsPlace.push(request.url);
      let visitor;
      try {
        visitor = visitorOf(request);
      } catch (error) {
        visitor = { error: error.message };
      }
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ method: request.method, url: request.url, headers, visitor, body }));
    });
  });
  await new Promise((done) => listening.listen(0, '127.0.0.1', done));
  t.after(() => {
    listening.closeAllConnections();
    return new Promise((done) => listening.close(done));
  });
  return listening.address().port;
}

before(async () => {
  let secret;
  let foreignSecret;
  server = await startServer(t, {
    document: environmentDocument(),
    async prepare(one) {
      secret = await one.newSecret('acme');
      server = one;
      server.secretKey = await one.newSecretKey();
      await one.apply(environmentDocument(), { environment: 'foreign' });
      foreignSecret = await one.newSecret('acme', { environment: 'foreign' });
      foreignKey = await one.newSecretKey({ environment: 'foreign' });
    },
  });
  tokens.ada = await signWithSecret(secret, ada());
  tokens.bob = await signWithSecret(secret, bob());
  tokens.expired = await signWithSecret(secret, ada({ exp: now() - 3600 }));
  tokens.foreign = await signWithSecret(foreignSecret, ada());
  tokens.odd = await signWithSecret(secret, ada({ sub: 'ådá % 1' }));
  tokens.large = await signWithSecret(secret, ada({ note: 'x'.repeat(4900) }));
  tokens.tooLarge = await signWithSecret(secret, ada({ note: 'x'.repeat(5600) }));
  backend = await startBackend();
});
after(async () => {
  for (const end of ends.reverse()) await end();
});

/* ---- the fronts ---- */

/** The example with the addresses and the key of this test, and `edits` besides. */
function configure(name, directory, port, edits = []) {
  const replaced = [['127.0.0.1:8000', `127.0.0.1:${port}`], [':8000 {', `:${port} {`], ['127.0.0.1:8080', `127.0.0.1:${server.port}`], ['127.0.0.1:9000', `127.0.0.1:${backend}`], ['sk_REPLACE_ME', server.secretKey], ...edits]
    .reduce((text, [from, to]) => text.replaceAll(from, to), readFileSync(join(docs, name), 'utf8'));
  const file = join(directory, name);
  writeFileSync(file, replaced);
  return file;
}

const fronts = {
  nginx: {
    program: '/usr/sbin/nginx',
    prepare(directory, port) {
      for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(directory, name));
      const file = configure('nginx.conf', directory, port, [['http {', `http {
        client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;`]]);
      return ['-c', file, '-p', directory, '-e', 'stderr', '-g', `daemon off; pid ${directory}/nginx.pid;${process.getuid() === 0 ? ' user root;' : ''}`];
    },
  },
  haproxy: {
    program: '/usr/sbin/haproxy',
    prepare(directory, port) {
      const lua = configure('haproxy.lua', directory, port);
      return ['-db', '-f', configure('haproxy.cfg', directory, port, [['/etc/haproxy/chatelaine.lua', lua]])];
    },
  },
  apache: {
    program: '/usr/sbin/apache2',
    prepare(directory, port) {
      const lua = configure('apache.lua', directory, port);
      const file = configure('apache.conf', directory, port, [['/etc/apache2/chatelaine.lua', lua]]);
      writeFileSync(file, `DefaultRuntimeDir ${directory}\nPidFile ${directory}/pid\nErrorLog ${directory}/error.log\n${process.getuid() === 0 ? 'User daemon\nGroup daemon\n' : ''}${readFileSync(file, 'utf8')}`);
      return ['-X', '-d', directory, '-f', file];
    },
  },
  caddy: {
    program: '/usr/bin/caddy',
    prepare: (directory, port) => ['run', '--adapter', 'caddyfile', '--config', configure('Caddyfile', directory, port)],
  },
};

async function startFront(name) {
  const { program, prepare } = fronts[name];
  assert.ok(existsSync(program), `${program} is missing: see packages.txt`);
  const directory = temporaryDirectory(t);
  if (process.getuid() === 0) await promisify(execFile)('chmod', ['755', directory]);
  const port = await freePort();
  const child = spawn(program, prepare(directory, port), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory } });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said += data));
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await closed;
    clearTimeout(late);
  });
  const log = () => said + (existsSync(join(directory, 'error.log')) ? readFileSync(join(directory, 'error.log'), 'utf8') : '');
  await until(async () => {
    assert.equal(child.exitCode, null, `${name} ended: ${log()}`);
    return fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false);
  }, { what: `${name}: ${said}`, within: 15_000 });
  return { port, log };
}

/* ---- the story, the same behind each ---- */

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const isOurs = ([name]) => /^x[-_]chatelaine[-_]/i.test(name);

for (const name of Object.keys(fronts)) {
  describe(name, () => {
    let front;
    before(async () => {
      front = await startFront(name);
    });

    const ask = async (path, headers = {}, options = {}) => {
      const response = await fetch(`http://127.0.0.1:${front.port}${path}`, { headers, redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options });
      const text = await response.text();
      return { status: response.status, challenge: response.headers.get('www-authenticate'), text, seen: response.status === 200 ? JSON.parse(text) : null };
    };
    /** A request as it is written here, on a connection of its own. */
    const askRaw = async (lines) => {
      const connection = new Wire(front.port);
      await connection.send(`${lines.join('\r\n')}\r\n\r\n`);
      const answer = await connection.answer();
      connection.close();
      return { status: answer.status, seen: answer.status === 200 ? JSON.parse(answer.body) : null };
    };

    test('who is signed in reaches the backend, with their identity', async () => {
      const { status, seen, text } = await ask('/a/b?c=d%20e', bearer(tokens.ada));
      assert.equal(status, 200, text + front.log());
      assert.equal(seen.url, '/a/b?c=d%20e');
      assert.deepEqual(seen.visitor, { sub: 'customer-ada', name: 'Ada Lovelace', email: 'ada@acme.example', accountId: '1001', permissions: ['balance:read', 'card:freeze'] });
      const ours = seen.headers.filter(isOurs).map(([field, value]) => [field.toLowerCase(), value]);
      assert.deepEqual(ours.map(([field]) => field).sort(), ['x-chatelaine-identity', 'x-chatelaine-sub']);
      assert.equal(new Map(ours).get('x-chatelaine-sub'), 'customer-ada');
      assert.ok(!seen.headers.some(([field]) => field.toLowerCase() === 'chatelaine-key'), 'the key stays between front and Chatelaine');
      const odd = await ask('/', bearer(tokens.odd));
      assert.equal(odd.seen.visitor.sub, 'ådá % 1');
      assert.equal(decodeURIComponent(odd.seen.headers.find(([field]) => /^x-chatelaine-sub$/i.test(field))[1]), 'ådá % 1');
    });

    test('who is not gets a reason, and the backend nothing', async () => {
      const missing = await ask('/');
      assert.deepEqual([missing.status, missing.challenge], [401, 'Bearer realm="chatelaine"']);
      const expired = await ask('/', bearer(tokens.expired));
      assert.equal(expired.status, 401);
      assert.match(expired.challenge, /^Bearer realm="chatelaine", error="invalid_token", error_description="expired: exp-passed"$/);
      assert.equal((await ask('/', bearer(`${tokens.ada.slice(0, -4)}AAAA`))).status, 401);
      assert.equal((await ask('/', { Authorization: 'Basic YTpi' })).status, 401);
    });

    test('a permission that is asked for besides', async () => {
      assert.equal((await ask('/cards/1', bearer(tokens.ada))).seen.visitor.sub, 'customer-ada');
      const refused = await ask('/cards/1', bearer(tokens.bob));
      assert.deepEqual([refused.status, refused.challenge], [403, 'Bearer realm="chatelaine", error="insufficient_scope"']);
    });

    test('no spelling of a path leads around it', async () => {
      for (const path of ['/%63ards/1', '//cards/1', '/./cards/1', '/public/../cards/1', '/public/%2e%2e/cards/1', '/public/..%2fcards/1', '/public//../cards/1', '/public/%2e%2e%2fcards/1', '/x/..//cards/1']) {
        const { status, seen } = await askRaw([`GET ${path} HTTP/1.1`, 'Host: app', `Authorization: Bearer ${tokens.bob}`]);
        if (status !== 200) continue;
        const read = new URL(decodeURIComponent(seen.url).replace(/\/+/g, '/'), 'http://app').pathname;
        assert.doesNotMatch(read, /^\/cards\//, `${path} came to the backend as ${seen.url}`);
      }
    });

    test('where anybody may come, the backend knows who is signed in', async () => {
      const anonymous = await ask('/public/a', { 'X-Chatelaine-Sub': 'customer-bob' });
      assert.equal(anonymous.status, 200, anonymous.text + front.log());
      assert.equal(anonymous.seen.visitor, null);
      assert.deepEqual(anonymous.seen.headers.filter((one) => isOurs(one) && one[1] !== ''), []);
      assert.equal((await ask('/public/a', bearer(tokens.bob))).seen.visitor.sub, 'customer-bob');
      assert.equal((await ask('/public/a', bearer(tokens.expired))).status, 401, 'a token that does not hold is not the same as none');
    });

    const disguises = {
      'as they are': ['X-Chatelaine-Sub: customer-bob', 'X-Chatelaine-Identity: eyJzdWIiOiJjdXN0b21lci1ib2IifQ'],
      'in another case': ['x-chatelaine-SUB: customer-bob', 'X-CHATELAINE-IDENTITY: eyJzdWIiOiJjdXN0b21lci1ib2IifQ'],
      twice: ['X-Chatelaine-Sub: customer-bob', 'X-Chatelaine-Sub: customer-bob', 'X-Chatelaine-Identity: eyJzdWIiOiJjdXN0b21lci1ib2IifQ', 'X-Chatelaine-Identity: eyJzdWIiOiJjdXN0b21lci1ib2IifQ'],
      'with underscores': ['X_Chatelaine_Sub: customer-bob', 'X-Chatelaine_Sub: customer-bob', 'X_Chatelaine-Sub: customer-bob', 'X_Chatelaine_Identity: eyJzdWIiOiJjdXN0b21lci1ib2IifQ', 'x_chatelaine-identity: eyJzdWIiOiJjdXN0b21lci1ib2IifQ', 'X-chatelaine_identity: eyJzdWIiOiJjdXN0b21lci1ib2IifQ'],
      'with a space before the colon': ['X-Chatelaine-Sub : customer-bob'],
      folded: ['X-Other: a', ' X-Chatelaine-Sub: customer-bob'],
      'with a tab': ['X-Chatelaine-Sub\t: customer-bob'],
    };
    for (const [how, lines] of Object.entries(disguises)) {
      test(`what a client calls so is not believed: ${how}`, async () => {
        for (const [path, who, token] of [['/', 'customer-ada', [`Authorization: Bearer ${tokens.ada}`]], ['/public/', undefined, []]]) {
          const { status, seen } = await askRaw([`GET ${path} HTTP/1.1`, 'Host: app', ...token, ...lines]);
          if (status === 400) continue; // refused altogether
          assert.equal(status, 200);
          assert.equal(seen.visitor?.sub, who);
          const ours = seen.headers.filter((one) => isOurs(one) && one[1] !== '');
          assert.equal(ours.length, who ? 2 : 0, JSON.stringify(ours));
          assert.ok(!JSON.stringify(ours).includes('customer-bob'));
        }
      });
    }

    test('what a client calls the connection\'s own does not lose the identity on the way', async () => {
      for (const connection of ['X-Chatelaine-Identity', 'close, X-Chatelaine-Sub, x-chatelaine-identity', 'keep-alive,X-CHATELAINE-IDENTITY']) {
        const { status, seen } = await askRaw(['GET / HTTP/1.1', 'Host: app', `Authorization: Bearer ${tokens.ada}`, `Connection: ${connection}`]);
        if (status === 400) continue;
        assert.equal(status, 200);
        assert.equal(seen.visitor?.sub, 'customer-ada', connection);
        const passed = seen.headers.filter(([field]) => field.toLowerCase() === 'connection').map(([, value]) => value).join();
        assert.doesNotMatch(passed, /chatelaine/i, 'nor at the next front');
      }
    });

    test('another environment\'s key and token open nothing', async () => {
      assert.equal((await ask('/', { ...bearer(tokens.foreign), 'Chatelaine-Key': foreignKey })).status, 401);
      assert.equal((await ask('/?cookie=x&anonymous=allow', { 'Chatelaine-Key': foreignKey })).status, 401);
    });

    test('two visitors on one kept connection are two', async () => {
      const connection = new Wire(front.port);
      for (let i = 0; i < 12; i++) {
        const who = i % 3 === 2 ? null : i % 3 === 1 ? 'bob' : 'ada';
        await connection.send(`GET /public/${i} HTTP/1.1\r\nHost: app\r\n${who ? `Authorization: Bearer ${tokens[who]}\r\n` : ''}\r\n`);
        const answer = await connection.answer();
        assert.equal(answer.status, 200);
        assert.equal(JSON.parse(answer.body).visitor?.sub ?? null, who ? `customer-${who}` : null);
      }
      connection.close();
      const many = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
        const who = ['ada', 'bob'][i % 2];
        return (await ask(`/${i}`, bearer(tokens[who]))).seen?.visitor?.sub === `customer-${who}`;
      }));
      assert.ok(many.every(Boolean));
    });

    /* Connections are opened and given back while questions are on their way: each must go where it is meant. */
    test('in a crowd nobody but Chatelaine is asked', async () => {
      const request = (...headers) => askRaw(['GET / HTTP/1.1', 'Host: app', ...headers]);
      for (let round = 0; round < 20; round++) {
        const stranger = round % 2 === 1;
        const answers = await Promise.all(Array.from({ length: 60 }, () => (stranger ? request() : request(`Authorization: Bearer ${tokens.ada}`))));
        assert.deepEqual(answers.filter(({ status, seen }) => (stranger ? status !== 401 : seen?.visitor?.sub !== 'customer-ada')), []);
      }
      assert.deepEqual(askedInItsPlace, []);
    });

    test('the token in a cookie', async () => {
      assert.equal((await ask('/', { Cookie: `theme=dark; app_token=${tokens.bob}; app_token2=x` })).seen.visitor.sub, 'customer-bob');
      assert.equal((await ask('/', { Cookie: `app_token=${tokens.bob}`, ...bearer(tokens.ada) })).seen.visitor.sub, 'customer-ada', 'the header goes before');
      assert.equal((await ask('/', { Cookie: `other_token=${tokens.bob}` })).status, 401);
      const twice = await ask('/', { Cookie: `app_token=${tokens.bob}; app_token=${tokens.ada}` });
      assert.ok(twice.status >= 400, 'which of two cookies is meant, nobody can tell');
    });

    test('bodies go to the backend, and only there', async () => {
      const body = 'x'.repeat(200_000);
      assert.equal((await ask('/', bearer(tokens.ada), { method: 'POST', body })).seen.body, body);
      const { seen } = await askRaw(['POST / HTTP/1.1', 'Host: app', `Authorization: Bearer ${tokens.ada}`, 'Transfer-Encoding: chunked', '', '5', 'hello', '0']);
      assert.deepEqual([seen.method, seen.body], ['POST', 'hello']);
    });

    test('an identity of up to 7 KiB passes, a larger one does not get in without its headers', async () => {
      const large = await ask('/', bearer(tokens.large));
      assert.equal(large.status, 200, large.text + front.log());
      assert.equal(large.seen.visitor.note.length, 4900);
      assert.equal((await ask('/', bearer(tokens.tooLarge))).status, 403);
    });
  });
}

test('the Python backend reads the same', async () => {
  const header = Buffer.from('{"sub":"customer-ada","name":"Ådá"}').toString('base64url');
  const program = 'import sys; sys.path.insert(0, sys.argv[1]); import upstream; print(upstream.visitor_of({"HTTP_X_CHATELAINE_IDENTITY": sys.argv[2]})["name"], upstream.visitor_of({}))';
  const { stdout } = await promisify(execFile)('python3', ['-B', '-X', 'utf8', '-c', program, docs, header]);
  assert.equal(stdout.trim(), 'Ådá None');
});

test('with Chatelaine gone, nobody gets in', async () => {
  const ports = {};
  for (const name of Object.keys(fronts)) ports[name] = (await startFront(name)).port;
  await server.stop();
  for (const [name, port] of Object.entries(ports)) {
    for (const path of ['/', '/public/a']) {
      const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { headers: bearer(tokens.ada) });
      assert.ok(status >= 500, `${name} ${path}: ${status}`);
    }
  }
});
