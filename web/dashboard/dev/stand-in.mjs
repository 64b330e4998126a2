// SPDX-License-Identifier: Apache-2.0
// The built dashboard under the server's own policy, with an admin API behind it that answers what it is told to.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = { '.js': 'text/javascript; charset=utf-8', '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

/** What the server sends with index.html. */
export const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "font-src 'self'", "connect-src 'self'", "frame-src 'self'",
  "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
].join('; ');

export async function startStandIn() {
  const built = mkdtempSync(join(tmpdir(), 'chatelaine-dashboard-'));
  execFileSync(process.execPath, [fileURLToPath(new URL('../build.mjs', import.meta.url))], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, WEB_OUT: built } });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://dev');
    const path = extname(pathname) ? pathname.slice(1) : 'index.html';
    try {
      const content = readFileSync(join(built, path));
      response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': policy });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    answer,
    close: () => {
      server.close();
      rmSync(built, { recursive: true });
    },
  };
}

/** `answers`: "GET /products" → what it answers: a value, a function of (url, body) that gives one, or { status, body, headers }.
 * Query strings are not looked at. What nobody has told is a finding. */
async function answer(context, answers, tell) {
  await context.route('**/admin/v1/**', async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    const key = `${request.method()} ${decodeURIComponent(url.pathname.replace('/admin/v1', ''))}`;
    let told = answers[key];
    if (typeof told === 'function') told = told(url, request.postDataJSON?.() ?? null);
    if (told === undefined) {
      tell(`nobody answers ${key}`);
      told = problem(404, 'not-found', 'Not found', `The stand-in knows nothing of ${key}.`);
    }
    const { status = 200, body = told, headers = {} } = 'status' in told && 'body' in told ? told : {};
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    await route.fulfill({ status, contentType: type, headers: { etag: '"1"', ...headers }, body: JSON.stringify(body) });
  });
}

/** An answer that refuses. */
export const problem = (status, code, title, detail, more = {}) => ({ status, body: { type: `urn:chatelaine:problem:${code}`, title, status, detail, ...more } });

/** A page of a list. */
export const listed = (items, next = null) => ({ items, next });
