// SPDX-License-Identifier: Apache-2.0
/** The chat as visitors will see it, in the dashboard's page: the widget's own stage and view, with a stand-in for the session that
 * knows a few moments of a conversation. Nothing is asked of a server, so a draft can be shown, and no page need be registered. */
/// <reference path="../../../../widget/src/lucide.d.ts" />
import { mount } from '../../../../widget/src/chat/index';
import { Emitter } from '../../../../widget/src/events';
import { readAppearance } from '../../../../widget/src/options';
import { type Appearance, type SdkConfig } from '../../../../widget/src/session/protocol';
import type { Session } from '../../../../widget/src/session/session';
import { initialState, type Item, type State } from '../../../../widget/src/session/state';
import { Stage } from '../../../../widget/src/stage';
import { readFirstWords } from '../../../../widget/src/words';

export type Scene = 'empty' | 'conversation' | 'sign-in' | 'closed';

export interface PreviewSettings {
  scene: Scene;
  theme: 'light' | 'dark';
  appearance: Appearance;
  greeting?: string | undefined;
  suggestions?: readonly string[] | undefined;
}

const question: Item = { kind: 'visitor', key: 'q1', id: 'q1', position: 1, text: 'What is my balance?', status: 'accepted', verified: true };
const scenes: Record<Scene, Partial<State>> = {
  closed: {},
  empty: {},
  'sign-in': {
    items: [{ ...question, verified: false } as Item, { kind: 'sign-in', key: 's1', message: 'q1', why: 'sign-in-required', tool: { name: 'get_balance', title: 'Account balance' }, status: 'open' }],
  },
  conversation: {
    user: { sub: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
    items: [
      { kind: 'notice', key: 'n1', what: 'signed-in', name: 'Ada Lovelace' },
      question,
      { kind: 'tool', key: 't1', message: 'q1', title: 'Account balance', outcome: 'ok' },
      { kind: 'answer', key: 'a1', inReplyTo: 'q1', isNews: false, id: 'a1', position: 2, text: 'Your balance is **1,204.50 €**, Ada. The [statement](https://example.com/statement) has the rest:\n\n| Day | Amount |\n|---|---:|\n| Monday | −12.00 € |\n| Tuesday | 310.00 € |', status: 'done' },
    ],
  },
};

/** As much of a session as the chat asks for. What is written in the preview stays in it. */
class StandIn {
  state: State;
  readonly hasProvider = false;
  readonly #listeners = new Set<() => void>();

  constructor(scene: Scene) {
    this.state = { ...initialState, connection: 'open', ...scenes[scene] };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(state: Partial<State>): void {
    this.state = { ...this.state, ...state };
    for (const listener of this.#listeners) listener();
  }

  send(text: string): void {
    const made = this.state.made + 1;
    this.#set({
      made,
      items: [
        ...this.state.items,
        { kind: 'visitor', key: `p${made}`, text, status: 'accepted', verified: this.state.user !== null },
        { kind: 'answer', key: `r${made}`, inReplyTo: `p${made}`, isNews: false, text: 'This is a preview: nobody reads what is written here.', status: 'done' },
      ],
    });
  }

  stop(): void {}
  retry(): void {}
  connectNow(): void {}

  discard(key: string): void {
    this.#set({ items: this.state.items.filter((item) => item.key !== key) });
  }

  decline(message: string): void {
    this.#set({ turn: null, items: this.state.items.map((item) => (item.kind === 'sign-in' && item.message === message ? { ...item, status: 'declined' as const } : item)) });
  }

  identify(): Promise<boolean> {
    this.#set(scenes.conversation);
    return Promise.resolve(true);
  }

  signIn(): Promise<boolean> {
    return this.identify();
  }

  logout(): Promise<void> {
    this.#set({ items: [], user: null, turn: null });
    return Promise.resolve();
  }

  startConversation(): Promise<void> {
    this.#set({ items: [], turn: null });
    return Promise.resolve();
  }

  openConversation(): Promise<void> {
    return Promise.resolve();
  }

  conversations(): Promise<[]> {
    return Promise.resolve([]);
  }
}

export interface Preview {
  destroy(): void;
}

/** Puts the chat into `container`. With each change of the settings a new one takes its place: call the old one's destroy
 * after this has come back, and nothing flickers. */
export async function showPreview(container: HTMLElement, { scene, theme, appearance: given, greeting, suggestions = [] }: PreviewSettings): Promise<Preview> {
  const appearance = readAppearance({}, given);
  const emitter = new Emitter();
  emitter.on('signIn', () => void session.identify());
  const session = new StandIn(scene);
  const config: SdkConfig = {
    session: '', appearance,
    assistant: { ...(greeting ? { greeting } : {}), suggestions: [...suggestions] },
    signIn: {},
  };
  const stage = new Stage({ container, display: scene === 'closed' ? 'launcher' : 'inline', theme }, readFirstWords('en'), () => {});
  stage.host.inert = scene === 'closed';
  stage.dress(appearance, () => {});
  if (scene === 'closed') return { destroy: () => stage.destroy() };
  const view = await mount({ stage, session: session as unknown as Session, emitter, locale: 'en', config, appearance, close() {}, explain() {} });
  stage.show(true);
  view.shown(false);
  return {
    destroy() {
      view.destroy();
      stage.destroy();
    },
  };
}
