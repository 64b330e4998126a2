// SPDX-License-Identifier: Apache-2.0
/** The chat's conversation with the server: connects when there is a reason, says who the visitor is, sends what
 * waits, and comes back after a lost connection without losing or doubling a message. */
import type { Emitter } from '../events';
import type { AuthType, IdTokenProvider, Server } from '../options';
import { backoffMilliseconds } from './backoff';
import { Link, LinkClosed } from './link';
import type { Memory } from './memory';
import type { SdkConfig, ServerFrame } from './protocol';
import { type ConversationSummary, fetchConfig, fetchConversations, Refused, sessionUrl } from './server';
import { type Action, initialState, isBusy, nextWaiting, openSignIn, reduce, type State } from './state';
import { openTabs, type Tabs } from './tabs';
import { needsRenewal, newId, sameSubject } from './token';

export interface SessionOptions {
  server: Server;
  memory: Memory;
  emitter: Emitter;
  /** Explains to the developer, in debug mode only. */
  explain(code: string, detail?: string): void;
}

/** A message whose answer does not even begin after a connection was lost has lost its answer with it. */
const UNANSWERED_MILLISECONDS = 20_000;
const PROVIDER_MILLISECONDS = 20_000;
const BUSY_MILLISECONDS = 2_000;

export class Session {
  state: State = initialState;
  readonly server: Server;
  readonly #memory: Memory;
  readonly #emitter: Emitter;
  readonly #explain: SessionOptions['explain'];
  readonly #listeners = new Set<() => void>();
  readonly #tabs: Tabs;
  #config: Promise<SdkConfig> | undefined;
  #settings: SdkConfig | undefined;
  #link: Link | undefined;
  /** The handshake of this connection is over: messages may go. */
  #ready = false;
  #sending = false;
  #attempt = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #lost: ReturnType<typeof setTimeout> | undefined;
  #shown = false;
  #ended = false;
  #token: string | null = null;
  /** The token that this connection's server has been told; another one has to be said anew. */
  #told: string | null = null;
  /** The page has said who the visitor is (or that nobody is): other tabs' answers come too late then. */
  #decided = false;
  #authType: AuthType = 'identify';
  #provider: IdTokenProvider | undefined;
  #asking: Promise<string | null> | undefined;

  constructor(options: SessionOptions) {
    this.server = options.server;
    this.#memory = options.memory;
    this.#emitter = options.emitter;
    this.#explain = options.explain;
    this.#recall();
    this.#tabs = openTabs(this.server.key, (message) => {
      if (message.kind === 'who') {
        if (this.#token) this.#tabs.post({ kind: 'here', token: this.#token });
      } else if (message.kind === 'said') {
        if (message.conversation === this.state.conversation) this.#apply({ type: 'heard', messages: [message.message] });
      } else if (message.kind === 'logout') void this.#forget();
      else if (message.kind === 'identify' || !this.#decided) this.#adopt(message.token);
    });
    addEventListener('online', this.#woken);
    addEventListener('offline', this.#woken);
    document.addEventListener('visibilitychange', this.#woken);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server's settings, asked for once; a failure is forgotten, so that the next call asks again. */
  config(): Promise<SdkConfig> {
    this.#config ??= fetchConfig(this.server).then(
      (config) => {
        this.#settings = config;
        this.#emitter.emit('ready', {});
        return config;
      },
      (error: unknown) => {
        this.#config = undefined;
        const code = error instanceof Refused ? error.code : 'unreachable';
        const message = error instanceof Error ? error.message : '';
        this.#explain(code, message);
        this.#emitter.emit('error', { code, message });
        throw error;
      },
    );
    return this.#config;
  }

  get hasProvider(): boolean {
    return this.#provider !== undefined;
  }

  get isSignedIn(): boolean {
    return this.state.user !== null;
  }

  setAuthType(type: AuthType, provider: IdTokenProvider | undefined): void {
    this.#authType = type;
    this.#provider = provider;
    if (type === 'anonymous') void this.logout();
    else if (type === 'tokenExchange' && provider) void this.signIn();
    else if (!this.#decided) this.#tabs.post({ kind: 'who' });
  }

  /** Says who the visitor is, at once; null forgets. */
  async identify(token: string | null): Promise<void> {
    if (token === null) return this.logout();
    this.#decided = true;
    this.#tabs.post({ kind: 'identify', token });
    await this.#use(token);
  }

  async logout(): Promise<void> {
    this.#tabs.post({ kind: 'logout' });
    await this.#forget();
  }

  /** Asks the page's provider for a token now. False when there is none to be had. */
  async signIn(): Promise<boolean> {
    if (!this.#provider || this.#authType === 'anonymous') return false;
    this.#apply({ type: 'authenticating', on: true });
    const token = await this.#askProvider();
    this.#apply({ type: 'authenticating', on: false });
    if (token) await this.identify(token);
    return Boolean(token);
  }

  /** The chat is open: connect if there is something to show or somebody to greet. */
  show(shown: boolean): void {
    this.#shown = shown;
    if (shown && (this.state.conversation || this.#token)) this.#connect();
  }

  send(text: string): void {
    this.#apply({ type: 'composed', key: newId(), text });
    this.#connect();
    void this.#flush();
  }

  /** Sends a failed message again. What the server may have stored keeps its id, so that it stays one message. */
  retry(key: string): void {
    const item = this.state.items.find((other) => other.key === key);
    if (item?.kind !== 'visitor') return;
    this.#apply({ type: 'retried', key, newKey: item.failure === 'unavailable' ? key : newId() });
    this.#connect();
    void this.#flush();
  }

  discard(key: string): void {
    this.#apply({ type: 'discarded', key });
  }

  stop(): void {
    void this.#ask({ type: 'message.stop' });
  }

  decline(message: string): void {
    this.#apply({ type: 'declined', message });
    void this.#ask({ type: 'auth.decline', message });
  }

  async startConversation(): Promise<void> {
    this.#memory.write(undefined);
    if (this.#ready) await this.#ask({ type: 'conversation.start' });
    this.#apply({ type: 'entered', conversation: undefined });
  }

  async openConversation(conversation: string): Promise<void> {
    this.#apply({ type: 'entered', conversation });
    this.#connect();
    if (this.#ready && this.#link) await this.#resume(this.#link).catch(() => {});
  }

  conversations(): Promise<ConversationSummary[]> {
    return this.#token ? fetchConversations(this.server, this.#token) : Promise.resolve([]);
  }

  /** Tries to connect now instead of when the back-off ends. */
  connectNow(): void {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#connect();
  }

  destroy(): void {
    this.#ended = true;
    this.#token = null;
    clearTimeout(this.#again);
    clearTimeout(this.#lost);
    removeEventListener('online', this.#woken);
    removeEventListener('offline', this.#woken);
    document.removeEventListener('visibilitychange', this.#woken);
    this.#tabs.close();
    this.#listeners.clear();
    this.#link?.close();
    this.#link = undefined;
  }

  // --- who the visitor is

  async #use(token: string): Promise<void> {
    this.#token = token;
    if (this.#link === undefined) this.#connect();
    else if (this.#ready) await this.#tell(this.#link).catch(ignoreClosed);
    void this.#flush();
  }

  /** Another tab has said who the visitor is. We follow; a chat that nobody looks at follows when it is opened. */
  #adopt(token: string): void {
    if (token === this.#token || this.#authType === 'anonymous') return;
    this.#token = token;
    if (this.#ready && this.#link) void this.#tell(this.#link).catch(ignoreClosed);
    else if (this.#shown) this.#connect();
  }

  async #forget(): Promise<void> {
    this.#decided = true;
    const wasSomebody = this.#token !== null || this.state.user !== null || this.state.owner !== null;
    this.#token = null;
    this.#told = null;
    if (!wasSomebody) return;
    this.#memory.write(undefined);
    const answer = this.#ready ? await this.#ask({ type: 'auth.logout' }) : undefined;
    // Without a connection nobody has to be told: the next one begins as anonymous as it is.
    if (answer?.type !== 'auth.loggedOut') {
      this.#apply({ type: 'frame', frame: { type: 'auth.loggedOut', seq: 0 } });
      if (this.#link) this.#drop();
    }
  }

  /** Tells the server the newest token, as often as a newer one came while we did. A refused one is forgotten: the chat
   * goes on anonymously and waits for another, instead of trying for ever. */
  async #tell(link: Link): Promise<void> {
    while (this.#token !== null && this.#token !== this.#told && link === this.#link) {
      const token = this.#token;
      const isRefresh = this.#told !== null && this.state.user !== null && sameSubject(token, this.#told);
      this.#apply({ type: 'authenticating', on: true });
      const answer = await link
        .request({ type: isRefresh ? 'auth.refresh' : 'auth.upgrade', token })
        .finally(() => this.#apply({ type: 'authenticating', on: false }));
      if (answer.type === 'auth.upgraded' || answer.type === 'auth.refreshed') this.#told = token;
      else if (isRefresh && answer.type === 'auth.failed' && answer.detail === 'subject-changed') this.#told = null;
      else if (this.#token === token) this.#refused(answer, isRefresh);
    }
  }

  #refused(answer: ServerFrame, isRefresh: boolean): void {
    const reason = answer.type === 'auth.failed' ? answer.reason : answer.type === 'error' ? answer.code : '';
    const detail = answer.type === 'auth.failed' ? answer.detail : '';
    this.#explain(reason, detail);
    // The server keeps the token it had, so do we.
    this.#token = isRefresh ? this.#told : null;
    if (isRefresh) return this.#emitter.emit('error', { code: reason, message: detail });
    this.#told = null;
    if (reason === 'expired') this.#emitter.emit('identityExpired', {});
    else this.#emitter.emit('error', { code: reason, message: detail });
    this.#apply({ type: 'anonymous', what: reason === 'expired' ? 'expired' : 'sign-in-failed' });
  }

  /** Check on send: a token near its end is renewed before the message goes. No timer watches it. */
  async #renewIfNeeded(link: Link): Promise<void> {
    if (!this.#provider || this.#authType === 'anonymous') return;
    const current = this.#token;
    if (current !== null && !needsRenewal(current, Date.now())) return;
    if (current === null && !this.#mayAskUnbidden(this.#authType === 'tokenExchange')) return;
    this.#apply({ type: 'authenticating', on: true });
    const token = await this.#askProvider();
    this.#apply({ type: 'authenticating', on: false });
    if (!token || token === this.#token || this.#token !== current) return;
    this.#token = token;
    this.#tabs.post({ kind: 'identify', token });
    await this.#tell(link);
  }

  /** Whoever has signed out is not signed in again behind their back: not until the page or the visitor says so. */
  #mayAskUnbidden(atFirst: boolean): boolean {
    return this.state.owner !== null || (atFirst && !this.#decided);
  }

  /** Asked once, however many wait for the answer. */
  #askProvider(): Promise<string | null> {
    this.#asking ??= this.#callProvider().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #callProvider(): Promise<string | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('idTokenProvider did not answer in 20 seconds')), PROVIDER_MILLISECONDS);
    });
    try {
      const token = await Promise.race([this.#provider?.(), late]);
      return typeof token === 'string' && token !== '' ? token : null;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#explain('provider-failed', message);
      this.#emitter.emit('error', { code: 'provider-failed', message });
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  // --- the connection

  readonly #woken = (): void => {
    if (document.visibilityState === 'hidden') return;
    if (this.state.connection === 'offline' || this.#again !== undefined) this.connectNow();
    else if (!navigator.onLine && this.#link) this.#drop();
  };

  /** Whether somebody would miss a connection. An idle one behind a closed chat is not made again until it is needed. */
  #isWanted(): boolean {
    const isSomething = this.state.conversation !== undefined || this.#token !== null;
    return (this.#shown && isSomething) || isBusy(this.state) || nextWaiting(this.state) !== undefined;
  }

  #connect(): void {
    if (this.#link || this.#ended || this.#again !== undefined) return;
    if (!navigator.onLine) return this.#apply({ type: 'connection', connection: 'offline' });
    const isReturn = this.#attempt > 0 || this.state.connection === 'reconnecting' || this.state.connection === 'offline';
    this.#apply({ type: 'connection', connection: isReturn ? 'reconnecting' : 'connecting' });
    this.config().then(
      (config) => this.#open(config),
      (error: unknown) => {
        if (error instanceof Refused) this.#apply({ type: 'connection', connection: 'unavailable' });
        else this.#connectLater();
      },
    );
  }

  #open(config: SdkConfig): void {
    if (this.#link || this.#ended) return;
    const link: Link = new Link(sessionUrl(this.server, config), {
      frame: (frame) => link === this.#link && this.#take(frame),
      closed: (code) => link === this.#link && this.#closed(code),
    });
    this.#link = link;
    this.#shakeHands(link).catch(ignoreClosed);
  }

  /** What is said on every new connection, in this order: an anonymous conversation is taken up before the visitor
   * is named, so that it can come along; a verified one after, because only its visitor may. */
  async #shakeHands(link: Link): Promise<void> {
    await link.started;
    this.#recall();
    this.#attempt = 0;
    this.#told = null;
    if (this.state.conversation && this.state.resumeKey) await this.#resume(link);
    if (this.#token === null && this.#authType === 'tokenExchange' && !this.#decided) this.#token = await this.#askProvider();
    const before = this.state;
    await this.#tell(link);
    const isSamePerson = before.owner === null || before.owner === this.state.user?.sub;
    if (before.conversation && !before.resumeKey && this.isSignedIn && isSamePerson) {
      if (this.state.conversation !== before.conversation) {
        this.#apply({ type: 'remembered', conversation: before.conversation, lastSeq: before.lastSeq });
      }
      await this.#resume(link);
    }
    if (link !== this.#link) return;
    this.#ready = true;
    this.#apply({ type: 'connection', connection: 'open' });
    void this.#flush();
  }

  async #resume(link: Link): Promise<void> {
    const { conversation, resumeKey, lastSeq } = this.state;
    if (!conversation) return;
    const answer = await link.request({
      type: 'conversation.resume',
      conversation,
      lastSeq,
      ...(resumeKey ? { resumeKey } : {}),
    });
    if (answer.type !== 'conversation.resumed') {
      this.#memory.write(undefined);
      this.#apply({ type: 'lost' });
    } else if (this.state.turn !== null) this.#watchAnswer();
  }

  #watchAnswer(): void {
    clearTimeout(this.#lost);
    this.#lost = setTimeout(() => this.#apply({ type: 'unanswered' }), UNANSWERED_MILLISECONDS);
  }

  #closed(code: number): void {
    this.#link = undefined;
    this.#ready = false;
    this.#sending = false;
    clearTimeout(this.#lost);
    // The connection was closed over what we sent: sending the same again would do so again.
    const isOurs = code === 1007 || code === 1009;
    for (const item of this.state.items)
      if (item.kind === 'visitor' && item.status === 'sent')
        this.#apply(isOurs ? { type: 'failed', key: item.key, failure: 'text-too-long' } : { type: 'waiting', key: item.key });
    if (this.#ended || this.state.connection === 'unavailable') return;
    if (this.#isWanted()) this.#connectLater();
    else this.#apply({ type: 'connection', connection: 'idle' });
  }

  #connectLater(): void {
    if (!navigator.onLine) return this.#apply({ type: 'connection', connection: 'offline' });
    this.#apply({ type: 'connection', connection: 'reconnecting' });
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.connectNow(), backoffMilliseconds(this.#attempt++, Math.random));
  }

  #drop(): void {
    const link = this.#link;
    link?.close();
    if (link) this.#closed(1000);
  }

  /** A request whose failure has nothing to tell: on a lost connection it is moot. */
  async #ask(frame: Parameters<Link['request']>[0]): Promise<ServerFrame | undefined> {
    return this.#link?.request(frame).catch(() => undefined);
  }

  // --- messages

  async #flush(): Promise<void> {
    const link = this.#link;
    if (!link || !this.#ready || this.#sending || isBusy(this.state) || !nextWaiting(this.state)) return;
    this.#sending = true;
    try {
      await this.#renewIfNeeded(link);
      const item = nextWaiting(this.state);
      if (!item || link !== this.#link) return;
      this.#apply({ type: 'sent', key: item.key });
      link.send({ type: 'message.send', text: item.text }, item.key);
    } catch (error) {
      ignoreClosed(error);
    } finally {
      if (link === this.#link) this.#sending = false;
    }
  }

  #take(frame: ServerFrame): void {
    clearTimeout(this.#lost);
    if (frame.type === 'error') this.#takeError(frame);
    if (frame.type === 'auth.expired') {
      this.#token = null;
      this.#told = null;
      this.#explain(frame.reason, frame.detail);
    }
    const hadUser = this.state.user;
    this.#apply({ type: 'frame', frame, signInUrl: this.#settings?.signIn?.signInUrl });
    if (frame.type === 'auth.expired' && hadUser) this.#emitter.emit('identityExpired', {});
    if (frame.type === 'auth.required') void this.#offerSignIn();
    if (frame.type === 'message.accepted' || frame.type === 'assistant.done') {
      const { role, id, text } = frame.message;
      if (!('duplicate' in frame && frame.duplicate)) this.#emitter.emit('message', { role, id, text });
      else if (this.state.turn === id) this.#watchAnswer();
      if (this.state.conversation)
        this.#tabs.post({ kind: 'said', conversation: this.state.conversation, message: frame.message });
    }
    void this.#flush();
  }

  /** The page's provider may know the visitor by now; if not, the card asks. */
  async #offerSignIn(): Promise<void> {
    if (this.#token === null && this.#mayAskUnbidden(true) && (await this.signIn())) return;
    const card = openSignIn(this.state);
    if (!card) return;
    this.#explain('missing-token');
    this.#emitter.emit('authRequired', {
      why: card.why,
      ...(card.tool ? { tool: card.tool } : {}),
      ...(card.url ? { url: card.url } : {}),
    });
  }

  #takeError(frame: ServerFrame & { type: 'error' }): void {
    const item = this.state.items.find((other) => other.kind === 'visitor' && other.key === frame.id);
    if (item && frame.code === 'busy') {
      this.#sending = true;
      this.#apply({ type: 'waiting', key: item.key });
      setTimeout(() => {
        this.#sending = false;
        void this.#flush();
      }, BUSY_MILLISECONDS);
      return;
    }
    this.#explain(frame.code, frame.message);
    this.#emitter.emit('error', { code: frame.code, message: frame.message });
    if (item) this.#apply({ type: 'failed', key: item.key, failure: frame.code, retryAfter: frame.retryAfter });
    if (frame.code === 'environment-gone') {
      this.#apply({ type: 'connection', connection: 'unavailable' });
      this.#link?.close();
    }
  }

  /** Which conversation this browser is in: another tab may have begun it. */
  #recall(): void {
    const remembered = this.state.conversation ? undefined : this.#memory.read();
    if (remembered) this.#apply({ type: 'remembered', ...remembered, lastSeq: 0 });
  }

  #remember(): void {
    const { conversation, resumeKey } = this.state;
    if (conversation) this.#memory.write(resumeKey ? { conversation, resumeKey } : { conversation });
  }

  #apply(action: Action): void {
    const before = this.state;
    this.state = reduce(before, action);
    const after = this.state;
    if (after.conversation && (after.conversation !== before.conversation || after.resumeKey !== before.resumeKey))
      this.#remember();
    if (after.connection !== before.connection) this.#emitter.emit('connection', { state: after.connection });
    if (after.user?.sub !== before.user?.sub) this.#emitter.emit('identity', { user: after.user });
    for (const listener of [...this.#listeners]) listener();
  }
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof LinkClosed)) throw error;
}
