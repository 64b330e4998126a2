// SPDX-License-Identifier: Apache-2.0
import { en, type WordKey, type Words } from './messages/en';

export type Translate = (key: WordKey, values?: Record<string, string | number>) => string;

/** Languages other than English come when they are needed. */
const others: Record<string, () => Promise<Words>> = {
  de: async () => (await import('./messages/de')).de,
};

/** The catalogue of a language; English where a language is missing. */
export async function loadWords(locale: string): Promise<Words> {
  return (await others[locale.split('-')[0]?.toLowerCase() ?? '']?.()) ?? en;
}

/** Says things in a catalogue's words, with the page's own on top. Numbers are written as the locale does. */
export function translator(catalogue: Words, locale: string, own: Record<string, string> = {}): Translate {
  const words: Words = { ...catalogue, ...own };
  return (key, values = {}) =>
    words[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? value.toLocaleString(locale) : value;
    });
}
