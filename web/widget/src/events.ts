// SPDX-License-Identifier: Apache-2.0
import type { Connection } from './session/state';
import type { ToolName, User } from './session/protocol';

/** What the page can listen to. */
export interface ChatEvents {
  /** The server's settings are here: the chat can be used. */
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  /** Who the visitor is has changed; null is an anonymous visitor. */
  identity: { user: User | null };
  /** The token has ended and the chat goes on anonymously: call `identify` with a new one. */
  identityExpired: Record<string, never>;
  /** A message waits for sign-in. `url` is there when the chat itself offers a sign-in page; otherwise the page signs
   * the visitor in by its own means and calls `identify`, and the message is answered. */
  authRequired: { tool?: ToolName; why: string; url?: string };
  /** The visitor has pressed "Sign in" where no sign-in page is registered: open your own. The button is shown where
   * somebody listens for this, or an `idTokenProvider` was given. */
  signIn: Record<string, never>;
  message: { role: 'visitor' | 'assistant'; id: string; text: string };
  error: { code: string; message: string };
  connection: { state: Connection };
}

export type EventName = keyof ChatEvents;
export type Listener<Name extends EventName> = (detail: ChatEvents[Name]) => void;

export class Emitter {
  readonly #listeners = new Map<EventName, Set<Listener<never>>>();

  on<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    let set = this.#listeners.get(name);
    if (!set) this.#listeners.set(name, (set = new Set()));
    set.add(listener as Listener<never>);
  }

  off<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    this.#listeners.get(name)?.delete(listener as Listener<never>);
  }

  has(name: EventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** A listener that throws is the page's affair: the error is reported as if uncaught, the chat goes on. */
  emit<Name extends EventName>(name: Name, detail: ChatEvents[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])] as Listener<Name>[]) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
