// SPDX-License-Identifier: Apache-2.0
/** What outlives a page: which conversation this browser is in, and the key that proves an anonymous one its own.
 * Never a token, never who the visitor is. A browser that refuses storage remembers nothing, and that is all right. */

export interface Remembered {
  conversation: string;
  resumeKey?: string;
}

export interface Memory {
  read(): Remembered | undefined;
  write(value: Remembered | undefined): void;
}

export function browserMemory(key: string): Memory {
  const name = `chatelaine:${key}`;
  return {
    read() {
      try {
        const value = JSON.parse(localStorage.getItem(name) ?? 'null') as Remembered | null;
        return typeof value?.conversation === 'string' ? value : undefined;
      } catch {
        return undefined;
      }
    },
    write(value) {
      try {
        if (value) localStorage.setItem(name, JSON.stringify(value));
        else localStorage.removeItem(name);
      } catch {
        // Private mode or a full store: the conversation then ends with the page.
      }
    },
  };
}
