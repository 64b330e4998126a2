// SPDX-License-Identifier: Apache-2.0
/** The global `chatelaine`: a function that takes a method's name and its arguments, with the methods on it too. Calls
 * that were made before the script had come (in `chatelaine.q`) and before `init` are kept and made in their order. */
import type { Chat } from './chat';
import { Emitter, type EventName, type Listener } from './events';
import type { ChatOptions } from './options';

const methods = ['init', 'createChat', 'identify', 'logout', 'setAuthType', 'open', 'close', 'on', 'off', 'destroy'] as const;
type Method = (typeof methods)[number];
type Call = [method: string, ...rest: unknown[]];

export type Global = ((...call: Call) => unknown) & Record<Method, (...rest: unknown[]) => unknown>;

export function createGlobal(queued: readonly ArrayLike<unknown>[], create: (options: ChatOptions, emitter?: Emitter) => Chat): Global {
  let chat: Chat | undefined;
  let emitter = new Emitter();
  let early: Call[] = [];

  const actions: Record<Method, (...rest: never[]) => unknown> = {
    init(options: ChatOptions) {
      chat?.destroy();
      chat = create(options, emitter);
      const calls = early;
      early = [];
      for (const kept of calls) call(...kept);
      return chat;
    },
    createChat: (options: ChatOptions) => create(options),
    on: (name: EventName, listener: Listener<EventName>) => emitter.on(name, listener),
    off: (name: EventName, listener: Listener<EventName>) => emitter.off(name, listener),
    identify: (token: string | null) => chat?.identify(token),
    logout: () => chat?.logout(),
    setAuthType: (...rest: Parameters<Chat['setAuthType']>) => chat?.setAuthType(...rest),
    open: (...rest: Parameters<Chat['open']>) => chat?.open(...rest),
    close: () => chat?.close(),
    destroy() {
      chat?.destroy();
      chat = undefined;
      emitter = new Emitter();
    },
  };

  /** These do something to a chat, so they wait for one. */
  const waits: readonly string[] = ['identify', 'logout', 'setAuthType', 'open', 'close'];

  function call(...[method, ...rest]: Call): unknown {
    if (!methods.includes(method as Method)) return console.error(`chatelaine: there is no "${method}"`);
    if (!chat && waits.includes(method)) return void early.push([method, ...rest]);
    return actions[method as Method](...(rest as never[]));
  }

  const global = Object.assign(call, Object.fromEntries(methods.map((method) => [method, (...rest: unknown[]) => call(method, ...rest)])));
  for (const kept of queued) {
    try {
      call(...(Array.from(kept) as Call));
    } catch (error) {
      console.error('chatelaine:', error);
    }
  }
  return global as unknown as Global;
}
