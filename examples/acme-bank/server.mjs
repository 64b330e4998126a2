// SPDX-License-Identifier: Apache-2.0
// Acme Bank: an app with its own sign-in, which hands the chat on its pages a short-lived token for who is signed in.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { readConfig } from './lib/config.mjs';
import { createIssuer } from './lib/issuer.mjs';
import { accountsPage, homePage, loginPage, missingPage, popupDonePage } from './lib/pages.mjs';
import { personById, signIn } from './lib/people.mjs';
import { endSession, sessionPerson, startSession } from './lib/sessions.mjs';
import { answerTool, isTool } from './lib/tools.mjs';

const config = (() => {
  try {
    return readConfig(process.env);
  } catch (error) {
    console.error(`acme-bank: ${error.message}`);
    process.exit(2);
  }
})();
const issuer = await createIssuer(config);

const files = {
  '/acme.css': ['text/css; charset=utf-8', 'acme.css'],
  '/page.js': ['text/javascript; charset=utf-8', 'page.js'],
  '/popup.js': ['text/javascript; charset=utf-8', 'popup.js'],
  '/icon.svg': ['image/svg+xml', 'icon.svg'],
};
for (const file of Object.values(files)) file.push(readFileSync(new URL(`public/${file[1]}`, import.meta.url)));

// As strict as a bank's page should be: no inline script or style, and of others only the chat's own server.
const chatSocket = config.chat.url.replace(/^http/, 'ws');
const pagePolicy = [
  "default-src 'none'", `script-src 'self' ${config.chat.url}`, `connect-src 'self' ${config.chat.url} ${chatSocket}`,
  "style-src 'self'", "img-src 'self' data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
].join('; ');

function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...headers });
  response.end(body);
}
const sendPage = (response, status, text) =>
  send(response, status, 'text/html; charset=utf-8', text, { 'Content-Security-Policy': pagePolicy, 'Referrer-Policy': 'same-origin' });
const sendJson = (response, status, value, headers) => send(response, status, 'application/json', JSON.stringify(value), headers);
const redirect = (response, to, cookie) => send(response, 303, 'text/plain', '', { Location: to, 'Set-Cookie': cookie });

async function readBody(request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > 65536) throw Object.assign(new Error('body too large'), { status: 413 });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** A form sent by another site's page carries that site's Origin; ours, or a plain client's, do not. */
function fromElsewhere(request) {
  const origin = request.headers.origin;
  return origin !== undefined && origin !== `http://${request.headers.host}` && origin !== `https://${request.headers.host}`;
}

/** Acme's page asks by script and wants JSON; the plain form wants a page. */
const wantsJson = (request) => (request.headers.accept ?? '').includes('application/json');

async function login(request, response) {
  const form = new URLSearchParams(await readBody(request));
  const person = signIn(form.get('login') ?? '', form.get('password') ?? '');
  if (!person) return wantsJson(request) ? sendJson(response, 401, { error: 'no-match' }) : sendPage(response, 401, loginPage(config, { failed: true, isPopup: form.has('popup') }));
  const cookie = startSession(person.id);
  if (wantsJson(request)) return sendJson(response, 200, { name: person.name }, { 'Set-Cookie': cookie });
  redirect(response, form.has('popup') ? '/signed-in' : '/', cookie);
}

function logout(request, response) {
  const cookie = endSession(request);
  if (wantsJson(request)) return sendJson(response, 200, {}, { 'Set-Cookie': cookie });
  redirect(response, '/', cookie);
}

/** The one line of integration that matters: who is signed in *here* becomes a token for the chat. */
async function chatToken(person, response) {
  if (!person) return sendJson(response, 401, { error: 'not-signed-in' });
  sendJson(response, 200, { token: await issuer.mint(person) });
}

async function post(path, request, response, person) {
  if (isTool(path)) {
    const [status, value] = answerTool(config, path, request.headers, await readBody(request));
    return sendJson(response, status, value);
  }
  if (fromElsewhere(request)) return sendJson(response, 403, { error: 'other-origin' });
  if (path === '/login') return login(request, response);
  if (path === '/logout') return logout(request, response);
  if (path === '/chat-token') return chatToken(person, response);
  // For the demo: a real issuer rotates by its own schedule, not by a request.
  if (path === '/rotate-keys' && config.mode === 'jwks')
    return sendJson(response, 200, { kids: await issuer.rotate(new URL(request.url, config.url).searchParams.has('drop-old')) });
  sendJson(response, 404, { error: 'not-found' });
}

async function get(path, response, person) {
  if (files[path]) return send(response, 200, files[path][0], files[path][2]);
  if (path === '/') return sendPage(response, 200, homePage(config, person));
  if (path === '/login') return sendPage(response, 200, loginPage(config, {}));
  // In a tab of its own, opened by the chat: set as `signInUrl` in the environment.
  if (path === '/login/popup') return person ? redirect(response, '/signed-in', []) : sendPage(response, 200, loginPage(config, { isPopup: true }));
  if (path === '/signed-in') return sendPage(response, 200, popupDonePage());
  if (path === '/accounts') return person ? sendPage(response, 200, accountsPage(config, person)) : redirect(response, '/login', []);
  if (path === '/healthz') return sendJson(response, 200, { status: 'ok' });
  if (path === '/.well-known/jwks.json') return sendJson(response, 200, issuer.jwks(), { 'Cache-Control': 'public, max-age=300' });
  if (path === '/certificates' && config.mode === 'jwks')
    return sendJson(response, 200, await issuer.certificates(), { 'Cache-Control': 'public, max-age=300' });
  sendPage(response, 404, missingPage(config, person));
}

async function answer(request, response) {
  const path = request.url.split('?')[0];
  const person = personById(sessionPerson(request));
  if (request.method === 'POST') return post(path, request, response, person);
  if (request.method === 'GET' || request.method === 'HEAD') return get(path, response, person);
  sendJson(response, 405, { error: 'method-not-allowed' }, { Allow: 'GET, HEAD, POST' });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    if (!error.status) console.error(`acme-bank: ${error.stack}`);
    if (!response.headersSent) sendJson(response, error.status ?? 500, { error: 'failed' }, { Connection: 'close' });
    else response.destroy();
  });
});
server.on('error', (error) => {
  const busy = error.code === 'EADDRINUSE';
  console.error(`acme-bank: ${busy ? `port ${config.port} is taken: stop what uses it, or set ACME_PORT` : error.message}`);
  process.exit(1);
});
server.listen(config.port, config.host, () => console.log(`acme-bank: listening on http://${config.host}:${server.address().port}`));

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections?.();
  });
