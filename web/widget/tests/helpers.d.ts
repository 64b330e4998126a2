import { type EventName } from '../src/events';
import type { Remembered } from '../src/session/memory';
import type { StoredMessage } from '../src/session/protocol';
import { Session } from '../src/session/session';
export declare function makeToken(claims: Record<string, unknown>): string;
export declare const nowSeconds: () => number;
export declare const tokenOf: (sub: string, seconds?: number) => string;
type Frame = Record<string, unknown> & {
    type: string;
    id: string;
};
/** A WebSocket whose other end is the test. */
export declare class FakeSocket {
    readonly url: string;
    static readonly OPEN = 1;
    static all: FakeSocket[];
    static get last(): FakeSocket;
    readyState: number;
    sent: Frame[];
    seq: number;
    onmessage: ((event: {
        data: string;
    }) => void) | null;
    onclose: ((event: {
        code: number;
    }) => void) | null;
    constructor(url: string);
    send(text: string): void;
    close(): void;
    /** The server ends the connection. */
    end(code?: number): void;
    /** The server says something. Its `seq` rises by itself unless given. */
    serve(frame: Record<string, unknown>): Promise<void>;
    start(): Promise<void>;
    /** The newest frame of this type that the client sent. */
    find(type: string): Frame;
    types(): string[];
}
/** Lets everything that waits for nothing but promises happen. */
export declare function settle(): Promise<void>;
export interface Rig {
    session: Session;
    heard: [EventName, unknown][];
    kept: {
        value: Remembered | undefined;
    };
    explained: string[];
}
export declare const config: {
    session: string;
    signIn: {};
    limits: {
        messageCharacters: number;
    };
};
export declare function makeRig({ kept, answer }?: {
    kept?: Remembered | undefined;
    answer?: (() => Promise<Response>) | undefined;
}): Rig;
export declare function stored(role: StoredMessage['role'], text: string, at?: number): StoredMessage;
export {};
