// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { de } from '../src/chat/messages/de';
import { en, type WordKey } from '../src/chat/messages/en';
import { loadWords, translator } from '../src/chat/translate';
import { readFirstWords, readLocale } from '../src/words';

const keys = Object.keys(en) as WordKey[];
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the catalogues', () => {
  it('have the same keys', () => expect(Object.keys(de).sort()).toEqual([...keys].sort()));
  it.each(keys)('%s has the same places in each, and no exclamation mark', (key) => {
    expect(places(de[key])).toEqual(places(en[key]));
    expect(en[key] + de[key]).not.toMatch(/!|[Pp]lease|[Bb]itte|Oops/);
  });
});

describe('translation', () => {
  it('falls back to English', async () => expect(await loadWords('fr-CA')).toBe(en));
  it('takes a region\'s language', async () => expect(await loadWords('de-AT')).toEqual(de));
  it('fills in values, numbers in the locale\'s way', () => {
    expect(translator(de, 'de')('failedTooLong', { count: 4000 })).toContain('4.000');
    expect(translator(en, 'en')('signInTool', { tool: '{tool}' })).toContain('“{tool}”');
  });
  it('lets the page have its own words', () => expect(translator(en, 'en', { send: 'Off it goes' })('send')).toBe('Off it goes'));
});

describe('the locale', () => {
  it('is what was asked for, when that is one', () => {
    expect(readLocale('de_CH')).toBe('de-CH');
    expect(readLocale('not a language')).toBe(navigator.language);
  });
  it('chooses the first words', () => {
    expect(readFirstWords('de-DE').open).toBe('Chat öffnen');
    expect(readFirstWords('xx').open).toBe('Open chat');
  });
});
