// SPDX-License-Identifier: Apache-2.0
// How long the admin API takes for each of its lists where there is much: 1,000,000 rows of the audit log, 100,000 visitors,
// 100,000 conversations, 10,000 products in one store. Seen by who asks, over HTTP; the client's own time is in it.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binary, startChatelaine } from './chatelaine.mjs';
import { percentile, table } from './statistics.mjs';
import { Postgres } from './store.mjs';

const goalMilliseconds = 100;

function lists({ environment, visitor, subject, conversation, begin, middle }) {
  const e = `/environments/${environment}`;
  const time = (ms) => new Date(ms).toISOString();
  const audit = (query) => [`audit ${query || 'of all'}`, `${e}/audit?limit=50${query && `&${query}`}`];
  return [
    ['products', '/products?limit=50'],
    ['products by search', '/products?limit=50&search=product-09'],
    ['search (palette)', '/search?q=product-0999'],
    ['environments of a product', null],
    ['visitors', `${e}/visitors?limit=50`],
    ['visitors verified', `${e}/visitors?limit=50&kind=verified`],
    ['visitors anonymous', `${e}/visitors?limit=50&kind=anonymous`],
    ...['u', 'user-0499', 'ada', 'ada lov', 'lovelace', 'nobody'].map((text) => [`visitors by search "${text}"`, `${e}/visitors?limit=50&search=${encodeURIComponent(text)}`]),
    ['visitor', `${e}/visitors/${visitor}`],
    ['visitor’s sessions', `${e}/visitors/${visitor}/sessions?limit=50`],
    ['visitor’s conversations', `${e}/visitors/${visitor}/conversations?limit=50`],
    ['visitor’s tool calls', `${e}/visitors/${visitor}/tool-calls?limit=50`],
    ['conversations', `${e}/conversations?limit=50`],
    ['conversations, 200', `${e}/conversations?limit=200`],
    ...['o', 'order', 'card order', 'nothing at all'].map((text) => [`conversations by search "${text}"`, `${e}/conversations?limit=50&search=${encodeURIComponent(text)}`]),
    ['conversations of a visitor', `${e}/conversations?limit=50&visitor=${visitor}`],
    ['conversations of a visitor by search', `${e}/conversations?limit=50&visitor=${visitor}&search=zzz`],
    ['messages', `${e}/conversations/${conversation}/messages?limit=50`],
    ['sessions', `${e}/sessions?limit=50`],
    ['sessions open', `${e}/sessions?limit=50&state=open`],
    audit(''), ['audit, 200', `${e}/audit?limit=200`], audit('order=oldest'),
    audit('action=tool.call'), audit('action=environment.set-config'), audit('action=nothing'),
    audit('outcome=failed'), audit('outcome=refused'), audit('outcome=allowed'), audit('outcome=failed&action=tool.call'), audit('outcome=failed&tool=get_balance'),
    audit('outcome=allowed&action=tool.call&tool=send_invoice'),
    audit('reason=timed-out'), audit('reason=too-large'), audit('reason=claim-missing&action=tool.call'), audit('reason=claim-missing&outcome=failed'),
    audit('tool=rarely_used'), audit('tool=get_balance'), audit('tool=get_balance&outcome=refused'),
    audit('actor=admin:adm_1'), audit('actor=admin:adm_1&outcome=failed'),
    audit(`visitor=${visitor}`), audit(`visitor=${visitor}&outcome=failed`), audit(`subject=${subject}`), audit(`subject=${subject}&tool=rarely_used`),
    audit(`from=${time(middle)}`), audit(`until=${time(middle)}`), audit(`until=${time(middle)}&order=oldest`), audit(`from=${time(middle)}&until=${time(middle + 3600e3)}&outcome=failed`),
    audit(`until=${time(middle)}&reason=too-large&tool=freeze_card`), audit(`from=${time(middle)}&order=oldest&action=visitor.identify&outcome=failed`),
    ['audit of the installation', '/audit?limit=50'],
    ['statistics, a day', `${e}/statistics`],
    ['statistics, 14 days', `${e}/statistics?from=${time(Date.now() - 14 * 864e5)}`],
    ['statistics, 80 days', `${e}/statistics?from=${time(begin)}`],
    ['statistics, required', `${e}/statistics/required`],
  ];
}

/** `get(path)` gives a response; each list is asked for `rounds` times, and its second page as often where there is one. */
export async function measure(get, told, rounds) {
  const rows = [];
  const products = await (await get('/products?limit=1')).json();
  for (const [name, given] of lists(told)) {
    const path = given ?? `/products/${products.items[0].id}/environments`;
    const took = [];
    let next = null;
    for (let round = 0; round < rounds; round++) {
      for (const address of [path, next && `${path}${path.includes('?') ? '&' : '?'}cursor=${next}`].filter(Boolean)) {
        const began = performance.now();
        const response = await get(address);
        const text = await response.text();
        took.push(performance.now() - began);
        if (response.status !== 200) throw new Error(`${address} answered ${response.status}: ${text.slice(0, 300)}`);
        next ??= JSON.parse(text).next ?? null;
      }
    }
    rows.push({ list: name, median: percentile(took, 0.5), p95: percentile(took, 0.95), most: Math.max(...took) });
  }
  return rows;
}

/** Signs the first owner in, and gives a function that asks in their name. */
export async function owner(url, program, place) {
  const { setupToken } = JSON.parse(execFileSync(program, ['admin', 'setup-token', ...place, '--json'], { encoding: 'utf8' }));
  const send = (path, body, headers = {}) => fetch(`${url}/admin/v1${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const signedIn = await send('/setup', { setupToken, email: 'bench@acme.example', name: 'Bench', password: 'correct horse battery staple' });
  const session = { Cookie: signedIn.headers.getSetCookie().map((one) => one.split(';')[0]).join('; '), 'Chatelaine-CSRF': (await signedIn.json()).csrfToken };
  const { token } = await (await send('/account/api-tokens', { name: 'bench', scopes: ['read', 'own'], product: null }, session)).json();
  return (path) => fetch(`${url}/admin/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
}

async function measureEngine(place, options, engine, store) {
  const data = join(place.out, 'admin-lists');
  rmSync(data, { recursive: true, force: true });
  const where = ['--data', data, ...(store ? ['--store', store] : [])];
  execFileSync(binary, ['init', ...where]);
  const sizes = options.quick ? ['--audit', '20000', '--conversations', '2000', '--visitors', '2000', '--products', '200'] : [];
  const fill = fileURLToPath(new URL('../people_fill.py', import.meta.url));
  const told = JSON.parse(execFileSync('python3', [fill, store ?? join(data, 'chatelaine.db'), ...sizes], { encoding: 'utf8' }));
  const server = await startChatelaine(place, { data }, { name: 'admin-lists', args: store ? ['--store', store] : [] });
  const rows = await measure(await owner(server.url, binary, where), told, options.quick ? 3 : 20);
  await server.process.stop();
  rmSync(data, { recursive: true, force: true });
  console.log(`\n## The lists of administrators, ${engine}, in ms`);
  console.log(table(['list', 'median', 'p95', 'most', ''], rows.map((row) => [row.list, row.median.toFixed(1), row.p95.toFixed(1), row.most.toFixed(1),
    row.p95 > goalMilliseconds ? 'over the goal' : ''])));
  return rows;
}

/** SQLite, and PostgreSQL: each filled anew, which takes longer than the measuring. */
export async function benchAdminLists(place, options) {
  const report = {};
  if (options.only.test('SQLite')) report.sqlite = await measureEngine(place, options, 'SQLite', null);
  if (!options.only.test('PostgreSQL')) return report;
  const postgres = await Postgres.start(place);
  try {
    report.postgres = await measureEngine(place, options, 'PostgreSQL', postgres.fresh());
  } finally {
    postgres.stop();
  }
  return report;
}
