// SPDX-License-Identifier: Apache-2.0
// docs/protocol.md as a test reads it: the example of each frame is its shape, and every frame a server sends in any test
// is held against it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** Every JSON example on the page that is a frame, by type. */
export const examples = new Map([...text.matchAll(/```json\n([\s\S]*?)```/g)]
  .map((match) => JSON.parse(match[1]))
  .filter((value) => typeof value.type === 'string')
  .map((frame) => [frame.type, frame]));

// What the page's prose says about members that need not stand there, or that the example does not show.
const optional = {
  'sdk.session.created': { resumeKey: 'rk' },
  'auth.upgraded': { 'user.name': '', 'user.email': '' },
  'auth.required': { tool: { name: '', title: '' } },
  'assistant.done': { failed: true, 'message.stopped': true, 'message.failed': true },
  'conversation.resumed': { 'messages[].inReplyTo': '', 'messages[].tools': [], 'messages[].stopped': true, 'messages[].failed': true },
  error: { id: '', retryAfter: 1 },
};
const nullable = { 'conversation.resumed': ['waiting'], 'auth.upgraded': ['conversation'] };

const kind = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

function compare(type, at, value, example) {
  const place = `${type}${at && ` at ${at}`}`;
  if (nullable[type]?.includes(at) && (value === null || typeof value === 'string')) return;
  assert.equal(kind(value), kind(example), `${place} is of another type than in docs/protocol.md`);
  if (kind(value) === 'array') {
    if (type === 'auth.required') return value.forEach((one) => assert.ok(['page', 'popup'].includes(one.kind), place));
    if (example.length > 0) value.forEach((one) => compare(type, `${at}[]`, one, example[0]));
  } else if (kind(value) === 'object') {
    const extra = optional[type] ?? {};
    const path = (name) => (at ? `${at}.${name}` : name).replace(/\[\d+\]/g, '[]');
    for (const name of Object.keys(value)) {
      assert.ok(name in example || path(name) in extra, `${place}: member "${name}" is not in docs/protocol.md`);
      compare(type, path(name), value[name], name in example ? example[name] : extra[path(name)]);
    }
    for (const name of Object.keys(example))
      assert.ok(name in value || path(name) in extra, `${place}: member "${name}" of docs/protocol.md is missing`);
  }
}

/** Throws where a server's frame is not as the page says. */
export function checkFrame(frame) {
  const example = examples.get(frame.type);
  assert.ok(example, `a frame of type "${frame.type}" is not in docs/protocol.md`);
  assert.ok(Number.isSafeInteger(frame.seq) && frame.seq > 0, `${frame.type}: seq is ${frame.seq}`);
  compare(frame.type, '', frame, example);
}
