// SPDX-License-Identifier: Apache-2.0
// wrk on its own core: 64 connections that are kept open, one request at a time on each.
import { fileURLToPath } from 'node:url';
import { runOn } from './processes.mjs';

const script = fileURLToPath(new URL('../walk.lua', import.meta.url));
export const connections = 64;

/** What is asked: { method, path, body, headers } with {token} for the token. The same bytes for every contender. */
export const authorizeRequest = (key) => ({
  method: 'GET', path: '/v1/authorize', body: '-',
  headers: [
    'Authorization: Bearer {token}', `Chatelaine-Key: ${key}`, 'X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https',
    'X-Original-URI: /account/statements?month=2026-11', 'User-Agent: nginx', 'Accept: */*',
  ],
});

export const verifyRequest = (secretKey) => ({
  method: 'POST', path: '/v1/verify', body: '{"token":"{token}"}',
  headers: [`Authorization: Bearer ${secretKey}`, 'Content-Type: application/json', 'X-Forwarded-For: 203.0.113.7', 'User-Agent: node', 'Accept: */*'],
});

/** As wrk sends it. */
export function headBytes(request, url, token) {
  const lines = [`${request.method} ${request.path} HTTP/1.1`, ...request.headers, `Host: ${new URL(url).host}`];
  return lines.join('\r\n').replace('{token}', token).length + 4;
}

/** { requests, microseconds, refused (not 2xx), broken, p50, p99 (µs) }. `count` 1: the same token again and again. */
export async function runWrk(place, contender, request, { tokens, first, count, seconds, connections: kept = connections }) {
  const args = ['--threads', '1', '--connections', String(kept), '--duration', `${seconds}s`, '--latency', '--timeout', '10s', '--script', script, contender.url,
    '--', tokens, String(first), String(count), request.method, request.path, request.body, ...request.headers];
  const output = await runOn(place.cores.load, 'wrk', args);
  return JSON.parse(/^\{.*\}$/m.exec(output)[0]);
}
