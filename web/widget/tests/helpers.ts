// SPDX-License-Identifier: Apache-2.0
import { vi } from 'vitest';
import { Emitter, type EventName } from '../src/events';
import type { Memory, Remembered } from '../src/session/memory';
import type { StoredMessage } from '../src/session/protocol';
import { Session } from '../src/session/session';

export function makeToken(claims: Record<string, unknown>): string {
  const part = (value: unknown): string => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
export const tokenOf = (sub: string, seconds = 3600): string => makeToken({ sub, exp: nowSeconds() + seconds });

type Frame = Record<string, unknown> & { type: string; id: string };

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const last = FakeSocket.all.at(-1);
    if (!last) throw new Error('no connection was made');
    return last;
  }

  readyState = 0;
  sent: Frame[] = [];
  seq = 0;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }

  close(): void {
    this.end(1000);
  }

  /** The server ends the connection. */
  end(code = 1006): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }

  /** The server says something. Its `seq` rises by itself unless given. */
  async serve(frame: Record<string, unknown>): Promise<void> {
    this.seq = Number(frame['seq'] ?? this.seq + 1);
    this.onmessage?.({ data: JSON.stringify({ ...frame, seq: this.seq }) });
    await settle();
  }

  async start(): Promise<void> {
    this.readyState = 1;
    await this.serve({ type: 'session.started', session: 'ses_1', protocol: 1, seq: 1 });
  }

  /** The newest frame of this type that the client sent. */
  find(type: string): Frame {
    const frame = this.sent.findLast((one) => one.type === type);
    if (!frame) throw new Error(`no ${type} was sent, only ${this.sent.map((one) => one.type).join(', ')}`);
    return frame;
  }

  types(): string[] {
    return this.sent.map((one) => one.type);
  }
}

/** Lets everything that waits for nothing but promises happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

export interface Rig {
  session: Session;
  heard: [EventName, unknown][];
  kept: { value: Remembered | undefined };
  explained: string[];
}

export const config = { session: '/v1/session', signIn: {}, limits: { messageCharacters: 4000 } };

export function makeRig({ kept = undefined as Remembered | undefined, answer = async () => new Response(JSON.stringify(config)) } = {}): Rig {
  FakeSocket.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('fetch', vi.fn(answer));
  const emitter = new Emitter();
  const heard: Rig['heard'] = [];
  for (const name of ['ready', 'identity', 'identityExpired', 'authRequired', 'message', 'error', 'connection'] as const)
    emitter.on(name, (detail) => heard.push([name, detail]));
  const box = { value: kept };
  const memory: Memory = { read: () => box.value, write: (value) => (box.value = value) };
  const explained: string[] = [];
  const server = { http: new URL('https://chat.example/'), product: 'prod_1', key: `pk_${Math.random()}` };
  const session = new Session({ server, memory, emitter, explain: (code) => explained.push(code) });
  return { session, heard, kept: box, explained };
}

let position = 0;
export function stored(role: StoredMessage['role'], text: string, at = ++position, more: Partial<StoredMessage> = {}): StoredMessage {
  return { id: `msg_${role}_${at}`, position: at, role, text, verified: false, createdAt: 1763721000000 + at, ...more };
}
