// SPDX-License-Identifier: Apache-2.0
declare module '*/dev/server.mjs' {
  export function startDevServer(options?: { port?: number; built?: string }): Promise<{
    url: string;
    fake: { drop(): void; log: string[]; conversations: Map<string, { messages: { role: string; text: string }[] }> };
    close(): void;
  }>;
}
declare module '*/dev/browser.mjs' {
  export function launchBrowser(): Promise<import('playwright-core').Browser>;
}
declare module '*/character-names.mjs' {
  export function characterNames(): import('vite').Plugin;
}
