// SPDX-License-Identifier: Apache-2.0
/** The few words that are needed before the chat itself is loaded. The others are in chat/messages. */

export interface FirstWords {
  open: string;
  notLoaded: string;
}

const firstWords: Record<string, FirstWords> = {
  en: { open: 'Open chat', notLoaded: 'The chat could not be loaded. Select the button to try again.' },
  de: { open: 'Chat öffnen', notLoaded: 'Der Chat konnte nicht geladen werden. Mit dem Knopf geht es noch einmal.' },
};

/** The language of the chat's words: as asked for, else the page's, else the browser's; English where we have none. */
export function readLocale(asked: string | undefined): string {
  for (const tag of [asked, document.documentElement.lang, navigator.language]) {
    try {
      const [locale] = tag ? Intl.getCanonicalLocales(tag.replace('_', '-')) : [];
      if (locale) return locale;
    } catch {
      // Not a language tag: the next one, then.
    }
  }
  return 'en';
}

export function readFirstWords(locale: string, own: Record<string, string> = {}): FirstWords {
  return { ...(firstWords[locale.split('-')[0]?.toLowerCase() ?? ''] ?? (firstWords['en'] as FirstWords)), ...own };
}
