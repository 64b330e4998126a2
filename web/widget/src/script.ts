// SPDX-License-Identifier: Apache-2.0
/** What /widget.js is: the global, and a chat at once where the script's own tag names product and key. */
import { Chat, type Parts } from './chat';
import type { SdkConfig } from './session/protocol';
import { createGlobal, type Global } from './queue';

/** Paths of the parts that come later, with the hash of their content; put in by the build. */
declare const CHAT_PATH: string;
declare const DEBUG_PATH: string;

const script = document.currentScript as HTMLScriptElement | null;
const scriptUrl = script?.src;
const load = (path: string, base: string | URL): Promise<never> => import(/* @vite-ignore */ new URL(path, base).href) as Promise<never>;

const parts: Parts = {
  ...(scriptUrl ? { scriptUrl } : {}),
  /** A page may hold a script from before the server's last update: then the server says where the chat is now. */
  loadView: (config: SdkConfig, server: URL) =>
    load(CHAT_PATH, scriptUrl ?? server).catch((error: unknown) => {
      const now = new URL(config.chat ?? CHAT_PATH, server);
      if (now.origin !== server.origin || now.pathname === CHAT_PATH) throw error;
      return load(now.href, server);
    }),
  loadDebug: () => load(DEBUG_PATH, scriptUrl ?? location.href),
};

const page = window as { chatelaine?: Global & { q?: ArrayLike<unknown>[] } };
page.chatelaine = createGlobal(page.chatelaine?.q ?? [], (options, emitter) => new Chat(options, parts, emitter));

const { productId, serviceKey } = script?.dataset ?? {};
if (serviceKey) page.chatelaine.init({ ...(productId ? { productId } : {}), serviceKey });
