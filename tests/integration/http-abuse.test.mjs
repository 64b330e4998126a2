// SPDX-License-Identifier: Apache-2.0
// Abusive raw requests, kept as data in http-abuse/*.json: a name, the section of the RFC that it breaks or that makes it lawful, the
// raw bytes (one character a byte, U+0000 to U+00FF; or pieces, some of them repeated) and what must come of it:
//   a number               one answer with this status, nothing after it, and the connection ends
//   "accepted"             an answer, and the connection answers a further request
//   "accepted-and-closed"  an answer that is no refusal, and the connection ends
// HTTP_ABUSE_TARGET=host:port runs them against any server; HTTP_ABUSE_BODY_PATH names a route of its that reads bodies ("/echo").
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Wire, get, startHello } from './lib/wire.mjs';

const folder = new URL('./http-abuse/', import.meta.url);
const bodyPath = process.env.HTTP_ABUSE_BODY_PATH ?? '/echo';

const textOf = (raw) =>
  (Array.isArray(raw) ? raw : [raw]).map((piece) => (typeof piece === 'string' ? piece : piece.repeat.repeat(piece.times))).join('').replace('POST /echo ', `POST ${bodyPath} `);

async function check({ raw, expect }, host, port, cut) {
  const connection = new Wire(port, { host });
  try {
    const text = textOf(raw);
    if (cut) {
      // In two packets: what is read must not depend on how it arrives.
      await connection.send(text.slice(0, cut));
      await new Promise((done) => setTimeout(done, 5));
    }
    await connection.send(text.slice(cut));
    const first = await connection.answer();
    if (expect === 'accepted') {
      assert.ok(![414, 417, 431, 501, 505].includes(first.status), `it was refused with ${first.status}`);
      await connection.send(get('/'));
      await connection.answer();
    } else if (expect === 'accepted-and-closed') {
      assert.ok(![400, 414, 417, 431, 501, 505].includes(first.status), `it was refused with ${first.status}`);
      await connection.end();
    } else {
      assert.equal(first.status, expect);
      await connection.end();
    }
    assert.equal(connection.received, '', 'nothing more is answered');
  } finally {
    connection.close();
  }
}

test('abusive requests are answered as they should be', async (t) => {
  let host = '127.0.0.1';
  let port;
  if (process.env.HTTP_ABUSE_TARGET) [host, port] = process.env.HTTP_ABUSE_TARGET.split(':');
  else ({ port } = await startHello(t));
  let count = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const cases = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    count += cases.length;
    await t.test(file.replace('.json', ''), { concurrency: 8 }, async (t) => {
      await Promise.all(
        cases.map((entry) =>
          t.test(`${entry.name} (${entry.section}): ${entry.expect}`, async () => {
            await check(entry, host, Number(port), 0);
            const length = textOf(entry.raw).length;
            if (length > 2 && length < 1000) await check(entry, host, Number(port), Math.floor(length / 2));
          }),
        ),
      );
    });
  }
  assert.ok(count >= 100);
});
