// SPDX-License-Identifier: Apache-2.0
/** One WebSocket connection: frames out, frames in, and which answer belongs to which request. */
import { type ClientFrame, readFrame, type ServerFrame } from './protocol';

export class LinkClosed extends Error {}

export interface LinkEvents {
  frame(frame: ServerFrame): void;
  /** Once, when the connection has ended or could not be made. */
  closed(code: number): void;
}

/** When the server has not said a word for this long after we asked something, the connection is dead. */
const SILENCE_MILLISECONDS = 15_000;

let made = 0;

export class Link {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, { resolve(frame: ServerFrame): void; reject(error: Error): void }>();
  readonly #started: Promise<void>;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, events: LinkEvents) {
    this.#socket = new WebSocket(url);
    this.#started = new Promise((resolve, reject) => {
      this.#waiting.set('session.started', { resolve: () => resolve(), reject });
    });
    this.#started.catch(() => {});
    this.#expectWord();
    this.#socket.onmessage = (event) => {
      const frame = readFrame(event.data);
      if (!frame) return;
      clearTimeout(this.#silence);
      events.frame(frame);
      const key = frame.type === 'session.started' ? frame.type : (frame.id ?? '');
      this.#waiting.get(key)?.resolve(frame);
      this.#waiting.delete(key);
    };
    this.#socket.onclose = (event) => {
      clearTimeout(this.#silence);
      for (const { reject } of this.#waiting.values()) reject(new LinkClosed());
      this.#waiting.clear();
      events.closed(event.code);
    };
  }

  /** Settles with the server's first frame, `session.started`. */
  get started(): Promise<void> {
    return this.#started;
  }

  send(frame: ClientFrame, id: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ ...frame, id }));
    this.#expectWord();
  }

  /** Sends, and gives the frame that answers it. Throws LinkClosed when the connection ends before. */
  request(frame: ClientFrame): Promise<ServerFrame> {
    const id = `w${++made}`;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return reject(new LinkClosed());
      this.#waiting.set(id, { resolve, reject });
      this.send(frame, id);
    });
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#socket.close(1000);
  }

  #expectWord(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket.close(), SILENCE_MILLISECONDS);
  }
}
