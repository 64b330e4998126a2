// SPDX-License-Identifier: Apache-2.0
// `npm run dev`: the built widget on a page under a strict Content-Security-Policy, with the stand-in server behind it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeServer } from './fake-server.mjs';

const builtHere = fileURLToPath(new URL('../../../build/web', import.meta.url));
const pages = fileURLToPath(new URL('./pages', import.meta.url));
const types = { '.js': 'text/javascript; charset=utf-8', '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8' };

/** As strict as a page can be: no inline style or script, no eval, nothing from elsewhere, Trusted Types. */
export const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'none'", "base-uri 'none'",
  "form-action 'none'", "require-trusted-types-for 'script'", 'trusted-types dompurify',
].join('; ');

export async function startDevServer({ port = 0, built = builtHere } = {}) {
  const fake = new FakeServer();
  const server = createServer((request, response) => {
    if (fake.request(request, response)) return;
    const { pathname } = new URL(request.url, 'http://dev');
    for (const folder of [pages, built]) {
      try {
        const path = pathname === '/' ? 'index.html' : pathname.slice(1);
        const content = readFileSync(join(folder, path));
        response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': policy, 'Access-Control-Allow-Origin': '*' });
        return response.end(content);
      } catch {
        // In the next folder, then.
      }
    }
    response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket, head) => fake.upgrade(request, socket, head));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  fake.signInUrl = `${url}/sign-in.html`;
  return { url, fake, close: () => (fake.drop(), server.close()) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startDevServer({ port: Number(process.env.PORT ?? 8099) });
  console.log(`${url}/ (try: hours, balance, table, code, long, slow, think, looking, broken, drop, refuse, gone, attack)`);
}
