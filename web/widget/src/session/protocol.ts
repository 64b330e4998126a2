// SPDX-License-Identifier: Apache-2.0
/** The frames of docs/protocol.md. The names are the wire's own. */

export interface User {
  sub: string;
  name?: string;
  email?: string;
}

export interface StoredMessage {
  id: string;
  position: number;
  role: 'visitor' | 'assistant';
  text: string;
  verified: boolean;
  createdAt: number;
  /** With the assistant's messages: which message they answer, and which tools were used. */
  inReplyTo?: string;
  tools?: (ToolName & { outcome: ToolOutcome })[];
}

export interface ToolName {
  name: string;
  title: string;
}

export type ToolOutcome = 'ok' | 'refused' | 'failed';

export type SignInWay = { kind: 'page' } | { kind: 'popup'; url: string };

export type ServerFrame = { seq: number; id?: string } & (
  | { type: 'session.started'; session: string; protocol: number }
  | { type: 'sdk.session.created'; visitor: string; conversation: string; anonymous: boolean; resumeKey?: string }
  | {
      type: 'auth.upgraded';
      user: User;
      expiresAt: number;
      conversation: string | null;
      carried: boolean;
      switched: boolean;
    }
  | { type: 'auth.refreshed'; expiresAt: number }
  | { type: 'auth.failed'; reason: string; detail: string; message: string }
  | { type: 'auth.expired'; reason: string; detail: string; message: string }
  | { type: 'auth.required'; message: string; why: string; tool?: ToolName; ways: SignInWay[]; text: string }
  | { type: 'auth.declined' }
  | { type: 'auth.loggedOut' }
  | { type: 'message.accepted'; conversation: string; message: StoredMessage; duplicate: boolean }
  | { type: 'message.stopped' }
  | { type: 'tool.started'; call: string; message: string; tool: ToolName }
  | {
      type: 'tool.finished';
      call: string;
      message: string;
      tool: ToolName;
      outcome: ToolOutcome;
    }
  | { type: 'assistant.delta'; message: string; offset: number; text: string }
  | { type: 'assistant.done'; inReplyTo: string; message: StoredMessage; stopped: boolean; failed?: boolean }
  | { type: 'conversation.resumed'; conversation: string; messages: StoredMessage[]; waiting: string | null }
  | { type: 'conversation.left' }
  | { type: 'error'; code: string; message: string; retryAfter?: number }
);

export type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

export type ClientFrame =
  | { type: 'auth.upgrade' | 'auth.refresh'; token: string }
  | { type: 'auth.decline'; message: string }
  | { type: 'auth.logout' | 'message.stop' | 'conversation.start' }
  | { type: 'message.send'; text: string }
  | { type: 'conversation.resume'; conversation: string; resumeKey?: string; lastSeq: number };

export interface Appearance {
  title?: string;
  placeholder?: string;
  privacyUrl?: string;
  colors?: Record<string, string>;
  fontFamily?: string;
  fontSize?: string;
  cornerRadius?: string;
  dimensions?: { width?: string; height?: string; triggerMaxWidth?: string };
}

/** What GET /sdk/config answers; only the members that the widget uses. */
export interface SdkConfig {
  session: string;
  chat?: string;
  signIn?: { enforcement?: string; signInUrl?: string };
  assistant?: { greeting?: string; suggestions?: string[] };
  appearance?: Appearance;
  limits?: { messageCharacters?: number };
}

/** A frame from the wire, or nothing when it is none: members that we do not know are left alone, types too. */
export function readFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame = JSON.parse(data) as ServerFrame | null;
    return typeof frame === 'object' && typeof frame?.type === 'string' ? frame : undefined;
  } catch {
    return undefined;
  }
}
