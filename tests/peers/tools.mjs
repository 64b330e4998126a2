// SPDX-License-Identifier: Apache-2.0
// A tools' backend as a customer would write it: every call is verified with the standardwebhooks library before anything else. What it
// answers is chosen by the path.
//
//   node tests/peers/tools.mjs SECRET [port]    prints {"url":"http://127.0.0.1:…"} and serves until its input ends
//   POST /tools/…                               the tools
//   GET /calls, DELETE /calls                   what was called: [{ path, headers, body, isVerified }]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const json = (answer, status, value, type = 'application/json') => answer.writeHead(status, { 'Content-Type': type }).end(JSON.stringify(value));

const tools = {
  '/tools/echo': (answer, call) => json(answer, 200, call),
  '/tools/balance': (answer, call) => json(answer, 200, { account: call.arguments.account, balance: call.arguments.account === '1001' ? '1,204.50' : '88.00', currency: 'EUR' }),
  '/tools/text': (answer) => answer.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('All is well.'),
  '/tools/nothing': (answer) => answer.writeHead(204).end(),
  '/tools/refuses': (answer) => json(answer, 403, { title: 'No', detail: 'This account is not yours.' }, 'application/problem+json'),
  '/tools/fails': (answer) => answer.writeHead(500, { 'Content-Type': 'text/html' }).end('<h1>at db.js:17</h1>'),
  '/tools/html': (answer) => answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Hello</p>'),
  '/tools/broken-json': (answer) => answer.writeHead(200, { 'Content-Type': 'application/json' }).end('{"a":'),
  '/tools/broken-utf8': (answer) => answer.writeHead(200, { 'Content-Type': 'text/plain' }).end(Buffer.from([0x61, 0xff, 0xc3])),
  '/tools/large': (answer) => json(answer, 200, { text: 'a'.repeat(70 * 1024) }),
  '/tools/endless': async (answer) => {
    answer.writeHead(200, { 'Content-Type': 'text/plain' });
    while (answer.writable && !answer.destroyed) if (!answer.write('and on '.repeat(1000))) await drained(answer);
  },
  '/tools/silent': () => {},
  '/tools/hangs-up': (answer) => answer.destroy(),
  '/tools/redirects': (answer) => answer.writeHead(307, { Location: '/tools/echo' }).end(),
};

/** Until more can be written, or nobody reads any more. */
const drained = (answer) => new Promise((resolve) => {
  const done = () => {
    answer.off('drain', done).off('close', done);
    resolve();
  };
  answer.on('drain', done).on('close', done);
});

async function readText(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

/** Starts it with the secret that its calls must be signed with. */
export async function startTools({ secret, port = 0 }) {
  const webhook = new Webhook(secret);
  const calls = [];
  const server = createServer(async (request, answer) => {
    if (request.url === '/calls') {
      return json(answer, 200, request.method === 'DELETE' ? calls.splice(0) : calls);
    }
    const text = await readText(request);
    const call = { path: request.url, headers: request.headers, body: text, isVerified: false };
    calls.push(call);
    try {
      const body = webhook.verify(text, request.headers);
      call.isVerified = true;
      if (!tools[request.url]) return json(answer, 404, { error: 'no such tool' });
      return await tools[request.url](answer, body);
    } catch (error) {
      return json(answer, 401, { error: error.message });
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    calls,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await startTools({ secret: process.argv[2], port: Number(process.argv[3] ?? 0) });
  console.log(JSON.stringify({ url }));
  process.stdin.resume().on('end', () => process.exit(0));
}
