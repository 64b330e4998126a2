// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Chat } from '../src/chat';
import type { Emitter } from '../src/events';
import { createGlobal } from '../src/queue';

const calls: unknown[][] = [];
let emitters: (Emitter | undefined)[] = [];
beforeEach(() => {
  calls.length = 0;
  emitters = [];
});

function create(options: unknown, emitter?: Emitter): Chat {
  calls.push(['create', options]);
  emitters.push(emitter);
  const record = (name: string) => (...rest: unknown[]) => void calls.push([name, ...rest]);
  const names = ['identify', 'logout', 'setAuthType', 'open', 'close', 'destroy'];
  return Object.fromEntries(names.map((name) => [name, record(name)])) as unknown as Chat;
}

describe('the global', () => {
  it('makes the calls that were waiting, in their order', () => {
    createGlobal([['init', { serviceKey: 'pk' }], ['identify', 'token'], ['open']], create);
    expect(calls).toEqual([['create', { serviceKey: 'pk' }], ['identify', 'token'], ['open']]);
  });

  it('keeps what comes before init', () => {
    const chatelaine = createGlobal([], create);
    chatelaine('identify', { token: 'early' });
    chatelaine.open();
    expect(calls).toEqual([]);
    chatelaine.init({ serviceKey: 'pk' });
    expect(calls.slice(1)).toEqual([['identify', { token: 'early' }], ['open']]);
  });

  it('is a function and has the methods', () => {
    const chatelaine = createGlobal([['init', {}]], create);
    chatelaine('identify', 'one');
    chatelaine.identify({ token: 'two' });
    chatelaine('logout');
    chatelaine.destroy();
    expect(calls.slice(1)).toEqual([['identify', 'one'], ['identify', { token: 'two' }], ['logout'], ['destroy']]);
  });

  it('lets the page listen before there is a chat', () => {
    const listener = vi.fn();
    createGlobal([['on', 'ready', listener], ['init', {}]], create);
    emitters[0]?.emit('ready', {});
    expect(listener).toHaveBeenCalledOnce();
  });

  it('replaces the chat on a second init', () => {
    const chatelaine = createGlobal([['init', { a: 1 }]], create);
    chatelaine.init({ b: 2 });
    expect(calls).toEqual([['create', { a: 1 }], ['destroy'], ['create', { b: 2 }]]);
  });

  it('reads the arguments objects of the usual snippet', () => {
    const queued: IArguments[] = [];
    (function snippet(..._: unknown[]) {
      // eslint-disable-next-line prefer-rest-params
      queued.push(arguments);
    })('init', { serviceKey: 'pk' });
    createGlobal(queued, create);
    expect(calls).toEqual([['create', { serviceKey: 'pk' }]]);
  });

  it('goes on after a call that fails, and names an unknown one', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const failing = (options: unknown): Chat => {
      if ((options as { bad?: boolean }).bad) throw new Error('serviceKey is missing');
      return create(options);
    };
    createGlobal([['init', { bad: true }], ['fly'], ['init', {}]], failing);
    expect(calls).toEqual([['create', {}]]);
    expect(told).toHaveBeenCalledTimes(2);
  });
});
