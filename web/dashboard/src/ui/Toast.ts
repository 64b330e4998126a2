// SPDX-License-Identifier: Apache-2.0
export interface Message {
  title: string;
  description?: string | undefined;
  undo?: (() => void) | undefined;
}

let waiting: Message[] = [];
let show: ((message: Message) => void) | null = null;

/** Says in passing that something happened: `toast('Saved')`. With `undo`, a button that takes it back. */
export function toast(title: string, options: { description?: string; undo?: () => void } = {}): void {
  const message = { title, ...options };
  if (show) show(message);
  else waiting.push(message); // the host is still being loaded
}

/** ToastHost says that it is there. */
export function hostToasts(host: (message: Message) => void): () => void {
  show = host;
  waiting.forEach(host);
  waiting = [];
  return () => {
    show = null;
  };
}
