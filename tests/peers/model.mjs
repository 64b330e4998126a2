// SPDX-License-Identifier: Apache-2.0
// A stand-in for a model behind an OpenAI-compatible interface: it speaks the real streaming wire format, cut into awkward pieces,
// and behaves as badly as its callers ask it to. What it plays is chosen by the `model` of the request.
//
//   node tests/peers/model.mjs [port]      prints {"url":"http://127.0.0.1:…"} and serves until its input ends
//   POST /v1/chat/completions              the interface
//   GET /requests, DELETE /requests        what has been asked: [{ headers, body }]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Pieces of a text as chunks of the stream. */
const chunk = (delta, finish = null) => ({
  id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1763721000, model: 'stand-in',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
});
const words = (text) => text.match(/\S+\s*/g) ?? [];
const say = (text) => [chunk({ role: 'assistant', content: '' }), ...words(text).map((word) => chunk({ content: word })), chunk({}, 'stop')];

/** Tool calls as models stream them: the head of each, then its arguments a few characters at a time, those of several calls mixed. */
function call(...calls) {
  const chunks = [chunk({ role: 'assistant', content: null })];
  const rests = calls.map(([name, args], index) => {
    chunks.push(chunk({ tool_calls: [{ index, id: `call_${name}_${index}`, type: 'function', function: { name, arguments: '' } }] }));
    return typeof args === 'string' ? args : JSON.stringify(args);
  });
  while (rests.some((rest) => rest)) {
    rests.forEach((rest, index) => {
      if (rest) chunks.push(chunk({ tool_calls: [{ index, function: { arguments: rest.slice(0, 3) } }] }));
      rests[index] = rest.slice(3);
    });
  }
  return [...chunks, chunk({}, 'tool_calls')];
}
const usage = { id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 21, completion_tokens: 8, total_tokens: 29 } };

const lastOf = (body, role) => body.messages.findLast((message) => message.role === role);
const isAnswered = (body) => body.messages.at(-1).role === 'tool';
/** What tools have answered since the visitor spoke, in words. */
function report(body) {
  const since = body.messages.slice(body.messages.findLastIndex((message) => message.role === 'user'));
  return since.filter((message) => message.role === 'tool').map((message) => {
    const told = JSON.parse(message.content);
    return told.error ? `The tool said: ${told.error.code}: ${told.error.message}` : `The tool answered ${JSON.stringify(told.result)}.`;
  }).join(' ');
}

/** What each `model` plays: (body) → chunks, after which usage and [DONE] follow. */
const parts = {
  /** Falls for everything: whatever account the visitor names it really sends, though no such parameter is offered. */
  story(body) {
    if (isAnswered(body)) return say(report(body));
    const asked = lastOf(body, 'user').content;
    const account = asked.match(/account (\w+)/)?.[1];
    if (/balance/i.test(asked)) return call(['get_balance', account ? { account } : {}]);
    return say(`You said: ${asked}`);
  },
  'forged-arguments': (body) => (isAnswered(body) ? say(report(body))
    : call(['get_balance', { account: '2002', user: { sub: 'bob' }, sub: 'bob', accountId: '2002' }])),
  'forged-account': (body) => (isAnswered(body) ? say(report(body)) : call(['get_balance', { account: '2002' }])),
  'two-tools': (body) => (isAnswered(body) ? say(report(body))
    : call(['get_balance', { account: '2002' }], ['list_transactions', { account: '2002', count: 2 }])),
  'unknown-tool': (body) => (isAnswered(body) ? say(report(body)) : call(['drop_tables', {}])),
  'bad-arguments': (body) => (isAnswered(body) ? say(report(body)) : call(['list_transactions', '{"count":"many"}'])),
  'broken-arguments': (body) => (isAnswered(body) ? say(report(body)) : call(['list_transactions', '{"count":'])),
  'tools-for-ever': () => call(['find_branches', {}]),
  umlauts: () => say('Grüße aus Köln — 你好 😀 “fine”.'),
  length: () => [chunk({ content: 'This goes on and' }), chunk({}, 'length')],
  filtered: () => [chunk({ content: 'I would' }), chunk({}, 'content_filter')],
  empty: () => [chunk({}, 'stop')],
};

/** What is wrong on the wire: (answer, request) → anything. */
const faults = {
  'error-400': (answer) => problem(answer, 400, { message: 'no', type: 'invalid_request_error', code: null }),
  'error-401': (answer) => problem(answer, 401, { message: 'Incorrect API key provided: sk-x', type: 'invalid_request_error', code: 'invalid_api_key' }),
  'error-context': (answer) => problem(answer, 400, { message: 'too long', type: 'invalid_request_error', code: 'context_length_exceeded' }),
  'error-429': (answer) => problem(answer, 429, { message: 'slow down', code: 'rate_limit_exceeded' }, { 'Retry-After': '0' }),
  'error-429-long': (answer) => problem(answer, 429, { message: 'slow down', code: 'rate_limit_exceeded' }, { 'Retry-After': '600' }),
  'error-quota': (answer) => problem(answer, 429, { message: 'pay', code: 'insufficient_quota' }, { 'Retry-After': '0' }),
  'error-500': (answer) => answer.writeHead(500, { 'Content-Type': 'text/html', 'Retry-After': '0' }).end('<h1>stack trace</h1>'),
  'error-503-once': (answer, request, state) => {
    state.refusals += 1;
    if (state.refusals % 2 === 1) return problem(answer, 503, { message: 'starting' }, { 'Retry-After': '0' });
    return stream(answer, say('Better now.'));
  },
  redirect: (answer) => answer.writeHead(307, { Location: '/elsewhere' }).end(),
  html: (answer) => answer.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Hello</p>'),
  whole: (answer, { body }) => {
    const tool = isAnswered(body) ? null : [{ id: 'call_w', type: 'function', function: { name: 'get_balance', arguments: '{"account":"2002"}' } }];
    answer.writeHead(200, { 'Content-Type': 'application/json' });
    answer.end(JSON.stringify({
      id: 'chatcmpl-1', object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: tool ? null : `All at once. ${report(body)}`, tool_calls: tool ?? undefined }, finish_reason: tool ? 'tool_calls' : 'stop' }],
      usage: usage.usage,
    }));
  },
  truncated: async (answer) => {
    await sendPieces(answer, events([chunk({ content: 'Half an ' })]));
    answer.end();
  },
  broken: async (answer) => {
    await sendPieces(answer, events([chunk({ content: 'Half an ' })]));
    await sleep(100);
    answer.destroy();
  },
  stalled: (answer) => sendPieces(answer, events([chunk({ content: 'Wait ' })])),
  silent: () => {},
  'error-in-stream': (answer) => sendPieces(answer, events([chunk({ content: 'Well, ' }), { error: { message: 'overloaded', code: 'server_error' } }])).then(() => answer.end()),
  garbage: (answer) => sendPieces(answer, 'data: {"choices":[{"delta":{"content":"a"\n\ndata: [DONE]\n\n').then(() => answer.end()),
  endless: async (answer) => {
    const piece = events([chunk({ content: 'and on and on '.repeat(200) })]);
    answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
    while (answer.writable && !answer.destroyed) if (!answer.write(piece)) await drained(answer);
  },
  slow: async (answer) => {
    for (const event of say('One word after the other, in no hurry at all.')) {
      await sendPieces(answer, events([event]));
      await sleep(40);
    }
    answer.end('data: [DONE]\n\n');
  },
};

function problem(answer, status, error, headers = {}) {
  answer.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify({ error }));
}

const events = (chunks) => chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');

/** Bytes in pieces of 1, 2, 3, 5, 8 and 13: characters, lines and events are cut wherever it happens. */
async function sendPieces(answer, text) {
  const bytes = Buffer.from(text);
  const sizes = [1, 2, 3, 5, 8, 13, 1, 40];
  if (!answer.headersSent) answer.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache' });
  answer.socket?.setNoDelay(true);
  for (let at = 0, turn = 0; at < bytes.length && !answer.destroyed; turn += 1) {
    const size = sizes[turn % sizes.length];
    answer.write(bytes.subarray(at, at + size));
    at += size;
    if (turn % 4 === 0) await new Promise(setImmediate);
  }
}

async function stream(answer, chunks) {
  await sendPieces(answer, `: keep-alive\n\n${events([...chunks, usage])}data: [DONE]\n\n`);
  answer.end();
}

/** Until more can be written, or nobody reads any more. */
const drained = (answer) => new Promise((resolve) => {
  const done = () => {
    answer.off('drain', done).off('close', done);
    resolve();
  };
  answer.on('drain', done).on('close', done);
});

async function readJson(request) {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return JSON.parse(text);
}

/** Starts it; `requests` is what has been asked so far. */
export async function startModel({ port = 0 } = {}) {
  const state = { refusals: 0 };
  const requests = [];
  const server = createServer(async (request, answer) => {
    if (request.url === '/requests') {
      const seen = request.method === 'DELETE' ? requests.splice(0) : requests;
      return answer.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(seen));
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return problem(answer, 404, { message: 'no such path' });
    try {
      const body = await readJson(request);
      requests.push({ headers: request.headers, body });
      if (parts[body.model]) return await stream(answer, parts[body.model](body));
      if (faults[body.model]) return await faults[body.model](answer, { body }, state);
      return problem(answer, 404, { message: `The model ${body.model} does not exist`, code: 'model_not_found' });
    } catch (error) {
      if (!answer.headersSent) return problem(answer, 400, { message: String(error) });
      return answer.destroy();
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await startModel({ port: Number(process.argv[2] ?? 0) });
  console.log(JSON.stringify({ url }));
  process.stdin.resume().on('end', () => process.exit(0));
}
