// SPDX-License-Identifier: Apache-2.0
/** What the loader hands to the chat that is loaded later, and what it gets back. */
import type { Emitter } from './events';
import type { Appearance, SdkConfig } from './session/protocol';
import type { Session } from './session/session';
import type { Stage } from './stage';

export interface ViewContext {
  stage: Stage;
  session: Session;
  emitter: Emitter;
  locale: string;
  words?: Record<string, string>;
  config: SdkConfig;
  appearance: Appearance;
  close(): void;
  explain(code: string, detail?: string): void;
}

export interface ChatView {
  /** The panel has become visible; `focus` when the visitor asked for it. */
  shown(focus: boolean): void;
  destroy(): void;
}
