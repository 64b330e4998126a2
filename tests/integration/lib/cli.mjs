// SPDX-License-Identifier: Apache-2.0
// The command line both ways: on the machine itself, and against a server by an API token.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { administrator } from './openapi.mjs';
import { run, startServer, temporaryDirectory } from './server.mjs';

/** Commands on this installation's data directory. */
export const here = (data) => (args, options = {}) => run([...args, '--data', data], options);

/** The same commands by a server's admin API. `token` is an API token. */
export const there = (url, token) => (args, { env = {}, ...options } = {}) =>
  run([...args, '--server', url], { ...options, env: { CHATELAINE_TOKEN: token, ...env } });

/** A running installation with its first administrator: { server, api, here, there }. */
export async function installation(t, options = {}) {
  const server = await startServer(t, options);
  const api = await administrator(server);
  return { server, api, here: here(server.data), there: there(server.url, api.token) };
}

/** Files of a test's own: (name, value) → path. */
export function files(t) {
  const directory = temporaryDirectory(t);
  const write = (name, value) => {
    const path = join(directory, name);
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value, null, 2));
    return path;
  };
  return Object.assign(write, { directory });
}

/** What differs between two installations by its nature: ids, times, keys. */
export function withoutIds(text) {
  const names = new Map();
  const named = (kind) => (found) => {
    if (!names.has(found)) names.set(found, `<${kind} ${names.size}>`);
    return names.get(found);
  };
  return text
    .replace(/\b(?:prod|env|key|sec|tool|know|vis|conv|msg|aud|ses|adm|tok|inv)_[0-9a-f]{32}\b/g, named('id'))
    .replace(/\b(?:pk|sk|cs|ca|in|st|iv)_[\w-]{43}(?![\w-])/g, '<key>')
    .replace(/whsec_[A-Za-z0-9+/]{43}=/g, '<key>')
    .replace(/\b(?:pk|sk|cs|ca|whsec)_[\w+/-]{4,8}(?=…|"| )/g, '<hint>')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{3}Z)?/g, '<time>')
    .replace(/ {2,}/g, '  ');
}
