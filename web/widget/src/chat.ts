// SPDX-License-Identifier: Apache-2.0
/** One chat in a page: what the embedder holds. Everything here returns at once; the work goes on behind it. */
import { Emitter, type EventName, type Listener } from './events';
import { type AuthType, type ChatOptions, type IdTokenProvider, readAppearance, readServer } from './options';
import { browserMemory } from './session/memory';
import type { SdkConfig } from './session/protocol';
import { Refused } from './session/server';
import { Session } from './session/session';
import { readToken } from './session/token';
import { Stage } from './stage';
import type { ChatView, ViewContext } from './view';
import { readFirstWords, readLocale } from './words';

/** How the parts that come later are fetched: a bundler's import, or from where the script itself came. */
export interface Parts {
  scriptUrl?: string;
  loadView(config: SdkConfig, server: URL): Promise<{ mount(context: ViewContext): Promise<ChatView> }>;
  loadDebug(): Promise<{ explain(code: string, detail?: string): void }>;
}

export interface OpenOptions {
  /** Puts the cursor into the chat. Without it the page keeps its focus. */
  focus?: boolean;
}

export class Chat {
  readonly #options: ChatOptions;
  readonly #parts: Parts;
  readonly #emitter: Emitter;
  readonly #session: Session;
  readonly #stage: Stage;
  readonly #locale: string;
  readonly #debug: ReturnType<Parts['loadDebug']> | undefined;
  #view: Promise<ChatView> | undefined;
  readonly #explain = (code: string, detail?: string): void => {
    void this.#debug?.then((debug) => debug.explain(code, detail));
  };
  #isOpen = false;
  #isGone = false;

  constructor(options: ChatOptions, parts: Parts, emitter = new Emitter()) {
    const server = readServer(options, parts.scriptUrl);
    this.#options = options;
    this.#parts = parts;
    this.#emitter = emitter;
    this.#debug = options.debug ? parts.loadDebug() : undefined;
    this.#locale = readLocale(options.locale);
    this.#stage = new Stage(options, readFirstWords(this.#locale, options.messages), () => this.open({ focus: true }));
    this.#session = new Session({ server, emitter, memory: browserMemory(server.key), explain: this.#explain });
    this.#session.config().then(
      (config) => this.#isGone || this.#dress(config),
      // Refused, the button stays away: it would lead nowhere. Out of reach, opening tries again.
      (error: unknown) => this.#isGone || error instanceof Refused || this.#dress(undefined),
    );
    this.setAuthType(options.authType ?? 'identify', { idTokenProvider: options.idTokenProvider });
    if (this.#stage.display === 'inline') this.open();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Says who the visitor is: the token that your own system issued, or `{token}`. null forgets, like `logout`. */
  identify(token: string | { token?: string | null } | null): void {
    const read = readToken(token);
    if (read === undefined) {
      this.#explain('not-a-token', typeof token);
      this.#emitter.emit('error', { code: 'not-a-token', message: 'identify takes a token, {token} or null' });
    } else void this.#session.identify(read);
  }

  /** Forgets the visitor: the chat is anonymous again, and what was said is no longer shown. */
  logout(): void {
    void this.#session.logout();
  }

  setAuthType(type: AuthType, options: { idTokenProvider?: IdTokenProvider | undefined } = {}): void {
    this.#session.setAuthType(type, options.idTokenProvider ?? this.#options.idTokenProvider);
  }

  open({ focus = false }: OpenOptions = {}): void {
    if (this.#isGone) return;
    this.#isOpen = true;
    this.#view ??= this.#load();
    this.#view.then(
      (view) => {
        if (!this.#isOpen || this.#isGone) return;
        const wasHidden = this.#stage.panel.hidden;
        this.#stage.show(true);
        this.#session.show(true);
        view.shown(focus);
        if (wasHidden) this.#emitter.emit('open', {});
      },
      (error: unknown) => {
        this.#isOpen = false;
        this.#view = undefined;
        this.#stage.tellTrouble();
        this.#explain('chat-not-loaded', String(error));
        this.#emitter.emit('error', { code: 'chat-not-loaded', message: String(error) });
      },
    );
  }

  close(): void {
    if (!this.#isOpen || this.#stage.display === 'inline') return;
    this.#isOpen = false;
    const hadFocus = this.#stage.root.activeElement !== null;
    this.#stage.show(false);
    this.#session.show(false);
    if (hadFocus) this.#stage.focusTrigger();
    this.#emitter.emit('close', {});
  }

  on<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    this.#emitter.on(name, listener);
  }

  off<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    this.#emitter.off(name, listener);
  }

  /** Takes the chat off the page and closes its connection. The conversation can be taken up by a new one. */
  destroy(): void {
    this.#isGone = true;
    void this.#view?.then((view) => view.destroy());
    this.#session.destroy();
    this.#stage.destroy();
  }

  async #load(): Promise<ChatView> {
    this.#stage.wait(true);
    try {
      // Out of reach, the chat opens all the same, says so, and tries again.
      const config = await this.#session.config().catch((): SdkConfig => ({ session: '/v1/session' }));
      const { mount } = await this.#parts.loadView(config, this.#session.server.http);
      return await mount({
        stage: this.#stage,
        session: this.#session,
        emitter: this.#emitter,
        locale: this.#locale,
        config,
        appearance: readAppearance(this.#options, config.appearance),
        ...(this.#options.messages ? { words: this.#options.messages } : {}),
        close: () => this.close(),
        explain: this.#explain,
      });
    } finally {
      this.#stage.wait(false);
    }
  }

  #dress(config: SdkConfig | undefined): void {
    this.#stage.dress(readAppearance(this.#options, config?.appearance), (text) => this.#explain('theme', text));
  }
}
