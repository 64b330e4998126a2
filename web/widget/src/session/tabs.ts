// SPDX-License-Identifier: Apache-2.0
/** One identity across the tabs of one origin, by BroadcastChannel: who signs in or out in one tab does so in all,
 * and a new tab asks the others who the visitor is. What is said in one stands in the others too. The token passes
 * through memory only. */
import type { StoredMessage } from './protocol';

export type TabMessage =
  | { kind: 'identify'; token: string }
  | { kind: 'logout' }
  | { kind: 'who' }
  | { kind: 'here'; token: string }
  | { kind: 'said'; conversation: string; message: StoredMessage };

export interface Tabs {
  post(message: TabMessage): void;
  close(): void;
}

export function openTabs(key: string, heard: (message: TabMessage) => void): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { post() {}, close() {} };
  const channel = new BroadcastChannel(`chatelaine:${key}`);
  channel.onmessage = (event: MessageEvent<TabMessage>) => heard(event.data);
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
