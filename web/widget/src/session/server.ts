// SPDX-License-Identifier: Apache-2.0
/** The server's plain HTTP side: its settings, and a signed-in visitor's history. */
import type { Server } from '../options';
import type { SdkConfig } from './protocol';

/** The server has answered and refuses us (a wrong key, an origin that is not registered): trying again is no use. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface ConversationSummary {
  id: string;
  title: string;
  updatedAt: number;
}

async function get(server: Server, path: string, token?: string): Promise<unknown> {
  const headers: Record<string, string> = { 'Chatelaine-Key': server.key };
  if (server.product) headers['Chatelaine-Product'] = server.product;
  if (token) headers['Authorization'] = `Bearer ${token}`;
  const response = await fetch(new URL(path, server.http), { headers, credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (response.ok) return response.json();
  const problem = (await response.json().catch(() => ({}))) as { code?: string; reason?: string; title?: string; detail?: string };
  if (response.status >= 500 || response.status === 429) throw new Error(`${path} answered ${response.status}`);
  throw new Refused(
    problem.code ?? problem.reason ?? `http-${response.status}`,
    problem.detail ?? problem.title ?? `${path} answered ${response.status}`,
  );
}

export const fetchConfig = (server: Server): Promise<SdkConfig> => get(server, '/sdk/config') as Promise<SdkConfig>;

export async function fetchConversations(server: Server, token: string): Promise<ConversationSummary[]> {
  const page = (await get(server, '/v1/conversations', token)) as { conversations?: ConversationSummary[] };
  return page.conversations ?? [];
}

/** A page cannot give a WebSocket headers, so product and key go in the address (docs/protocol.md). */
export function sessionUrl(server: Server, config: SdkConfig): string {
  const url = new URL(server.websocketUrl ?? config.session, server.http);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (server.product) url.searchParams.set('product', server.product);
  url.searchParams.set('key', server.key);
  return url.href;
}
