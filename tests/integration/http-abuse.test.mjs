// SPDX-License-Identifier: Apache-2.0
// Abusive raw requests, kept as data in http-abuse/*.json: a name, the section of the RFC that it breaks or that makes it lawful, the
// raw bytes (one character a byte, U+0000 to U+00FF; or pieces, some of them repeated) and what must come of it:
//   a number               one answer with this status, nothing after it, and the connection ends
//   "accepted"             one answer, and one to a further request
//   "accepted-twice"       two answers, and one to a further request
//   "accepted-and-closed"  an answer that is no refusal, nothing after it, and the connection ends
//   "accepted-then-400"    an answer that is no refusal, then this one, and the connection ends (or -505)
//   "closed"               one answer, whatever it is but 101, nothing after it, and the connection ends
// They are driven against the small server of tests/unit/http, where every route is known, and against chatelaine itself.
// HTTP_ABUSE_TARGET=host:port (and HTTP_ABUSE_BODY_PATH, a route that reads bodies) runs them against any other server.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { environmentDocument } from './lib/document.mjs';
import { startServer } from './lib/server.mjs';
import { Wire, get, startHello } from './lib/wire.mjs';

const folder = new URL('./http-abuse/', import.meta.url);

/** The bytes of a case; what it sends to /echo goes to the target's own route that reads bodies. */
const textOf = (raw, { bodyPath = '/echo', bodyFields = '' }) =>
  (Array.isArray(raw) ? raw : [raw])
    .map((piece) => (typeof piece === 'string' ? piece : piece.repeat.repeat(piece.times)))
    .join('')
    .replace('POST /echo HTTP/1.1\r\n', `POST ${bodyPath} HTTP/1.1\r\n${bodyFields}`);

/** What the edge itself refuses says no more than its status; an application's own 400 says why. */
const isRefusal = ({ status, body }) => [414, 417, 431, 501, 505].includes(status) || (status === 400 && body.includes('"title":"Bad Request"'));

/** The next answer that is not provisional. */
async function nextAnswer(connection) {
  for (;;) {
    const answer = await connection.answer();
    if (answer.status !== 100) return answer;
  }
}

async function accepted(connection) {
  const answer = await nextAnswer(connection);
  assert.ok(!isRefusal(answer), `it was refused with ${answer.status}`);
}

/** Reads what must come; at the end of each the connection has ended. */
const readers = {
  refused: async (connection, status) => assert.equal((await nextAnswer(connection)).status, status),
  closed: async (connection) => assert.notEqual((await nextAnswer(connection)).status, 101),
  'accepted-and-closed': accepted,
  'accepted-then-400': async (connection) => {
    await accepted(connection);
    await readers.refused(connection, 400);
  },
  'accepted-then-505': async (connection) => {
    await accepted(connection);
    await readers.refused(connection, 505);
  },
  accepted: async (connection) => {
    await accepted(connection);
    await connection.send(get('/', 'Connection: close\r\n'));
    await accepted(connection);
  },
  'accepted-twice': async (connection) => {
    await accepted(connection);
    await readers.accepted(connection);
  },
};

async function check({ raw, expect }, target, cut) {
  const connection = new Wire(target.port, { host: target.host });
  try {
    const text = textOf(raw, target);
    if (cut) {
      // In two packets: what is read must not depend on how it arrives.
      await connection.send(text.slice(0, cut));
      await new Promise((done) => setTimeout(done, 5));
    }
    await connection.send(text.slice(cut));
    await (typeof expect === 'number' ? readers.refused(connection, expect) : readers[expect](connection));
    await connection.end();
    assert.equal(connection.received, '', 'nothing more is answered');
    assert.equal(connection.error, null, 'it is closed, not reset');
  } finally {
    connection.close();
  }
}

async function drive(t, target) {
  let count = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const cases = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    count += cases.length;
    await t.test(file.replace('.json', ''), { concurrency: 8 }, async (t) => {
      await Promise.all(
        cases.map((entry) =>
          t.test(`${entry.name} (${entry.section}): ${entry.expect}`, async () => {
            await check(entry, target, 0);
            const { length } = textOf(entry.raw, target);
            if (length > 2 && length < 1000) await check(entry, target, Math.floor(length / 2));
          }),
        ),
      );
    });
  }
  assert.ok(count >= 1000);
}

if (process.env.HTTP_ABUSE_TARGET) {
  const [host, port] = process.env.HTTP_ABUSE_TARGET.split(':');
  test(`abusive requests at ${host}:${port}`, (t) => drive(t, { host, port: Number(port), bodyPath: process.env.HTTP_ABUSE_BODY_PATH }));
} else {
  test('abusive requests at the small server', async (t) => {
    const { port } = await startHello(t);
    await drive(t, { host: '127.0.0.1', port });
  });
  test('abusive requests at chatelaine', async (t) => {
    const server = await startServer(t, { document: environmentDocument() });
    const key = await server.newSecretKey();
    await server.settled();
    await drive(t, { host: '127.0.0.1', port: server.port, bodyPath: '/v1/verify', bodyFields: `Authorization: Bearer ${key}\r\n` });
  });
}
