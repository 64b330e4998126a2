// SPDX-License-Identifier: Apache-2.0
import type { ConversationSummary } from '../session/server';

/** What the visitor can do, as the parts of the view see it. */
export interface Actions {
  send(text: string): void;
  stop(): void;
  retry(key: string): void;
  discard(key: string): void;
  decline(message: string): void;
  identify(token: string): void;
  /** Signs in by the page's means: its provider, or whoever listens for `signIn`. */
  signIn(): void;
  canSignIn(): boolean;
  signOut(): void;
  startConversation(): void;
  openConversation(id: string): void;
  conversations(): Promise<ConversationSummary[]>;
  connectNow(): void;
  isConnected(): boolean;
  close(): void;
  explain(code: string, detail: string): void;
  /** How many characters a message has at most. */
  limit: number;
}
