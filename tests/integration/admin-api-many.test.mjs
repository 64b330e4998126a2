// SPDX-License-Identifier: Apache-2.0
// Ten thousand products: every list of them, and the search, answers within 100 ms.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { administrator } from './lib/openapi.mjs';
import { onPostgres } from './lib/postgres.mjs';
import { plainBinary, startServer } from './lib/server.mjs';

const fill = `
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
for i in range(10000):
    product = 'prod_%032x' % i
    c.execute('INSERT INTO products (id, name, created_at) VALUES (?, ?, 1)', (product, 'product-%05d' % i))
    for n, name in enumerate(('live', 'staging')):
        environment = 'env_%x%031x' % (n, i)
        c.execute("INSERT INTO environments (id, product_id, name, config, version, created_at, updated_at) VALUES (?, ?, ?, '{}', 1, 1, 1)", (environment, product, name))
        for k in range(3):
            c.execute("INSERT INTO tools (environment_id, name, id, document, version, created_at, updated_at) VALUES (?, ?, ?, '{}', 1, 1, 1)", (environment, 'tool_%d_%05d' % (k, i), 'tool_%s%d' % (environment, k)))
c.commit()`;

test('ten thousand products', { skip: onPostgres && 'the rows are written into SQLite by hand' }, async (t) => {
  const server = await startServer(t, { program: plainBinary });
  const api = await administrator(server);
  await server.stop();
  execFileSync('python3', ['-c', fill, `${server.data}/chatelaine.db`]);
  await server.start();
  const within = async (what, ask) => {
    const times = [];
    for (let i = 0; i < 7; i++) {
      const begun = performance.now();
      await ask();
      times.push(performance.now() - begun);
    }
    const taken = Math.min(...times); // others are at work on the machine, too
    t.diagnostic(`${what}: ${taken.toFixed(1)} ms`);
    // bench/admin-lists holds the goal, 100 ms; here only what walks over all again and again is found out.
    assert.ok(taken < 1000, `${what} takes ${taken.toFixed(1)} ms`);
  };
  let cursor = null;
  let count = 0;
  do {
    const { body } = await api.get('/products', { query: { limit: 200, ...(cursor && { cursor }) } });
    assert.ok(body.items.every((one, i) => one.name === `product-${String(count + i).padStart(5, '0')}`), 'none twice, none left out');
    count += body.items.length;
    if (count === 8000) await within('a page far behind', () => api.get('/products', { query: { limit: 200, cursor } }));
    cursor = body.next;
  } while (cursor);
  assert.equal(count, 10_000);
  await within('the first page', () => api.get('/products'));
  await within('a search that finds many', () => api.get('/products', { query: { search: 'product-09' } }));
  await within('a search that finds nothing', () => api.get('/products', { query: { search: 'zzz' } }));
  await within('the palette, products', () => api.get('/search', { query: { q: 'product-09' } }));
  await within('the palette, environments', () => api.get('/search', { query: { q: 'li' } }));
  await within('the palette, tools', () => api.get('/search', { query: { q: 'tool_2_099' } }));
  await within('the palette, nothing', () => api.get('/search', { query: { q: 'zzz' } }));
  await within('environments', () => api.get('/products/product-05000/environments'));
});
