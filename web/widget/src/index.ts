// SPDX-License-Identifier: Apache-2.0
/** The package's entry: `import { createChat } from '@chatelaine/widget'`. */
import { Chat } from './chat';
import type { ChatOptions } from './options';

export type { ChatEvents, EventName, Listener } from './events';
export type { AuthType, ChatOptions, Colors, Dimensions, IdTokenProvider } from './options';
export type { Connection } from './session/state';
export type { Appearance, ToolName, User } from './session/protocol';
export type { Chat, OpenOptions } from './chat';

/** Puts a chat on the page and returns at once. Throws when an option without which nothing works is missing. */
export function createChat(options: ChatOptions): Chat {
  return new Chat(options, {
    loadView: () => import('./chat/index'),
    loadDebug: () => import('./debug'),
  });
}

/** The same without a container: a button in the corner of the page. */
export const init = createChat;
