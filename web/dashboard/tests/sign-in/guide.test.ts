// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { advise, answer, noAnswers, questions, questionsFor, type Answers } from '../../src/pages/sign-in/guide';

const values = (id: string) => [null, ...questions.find((one) => one.id === id)!.choices.map((choice) => choice.value)];
/** Every combination there is, also those that the questions never lead to. */
const all = values('source').flatMap((source) =>
  values('keys').flatMap((keys) => values('browser').map((browser) => ({ source, keys, browser }) as Answers)),
);

describe('which mode fits you', () => {
  it('asks three questions at most, and two of whom a provider serves', () => {
    expect(questionsFor(noAnswers)).toHaveLength(3);
    for (const source of values('source').slice(1))
      expect(questionsFor(answer(noAnswers, 'source', source!)).map((one) => one.id)).toEqual(
        source === 'own' ? ['source', 'keys', 'browser'] : ['source', 'browser'],
      );
  });

  it.each(all)('$source, keys $keys, browser $browser', (answers) => {
    const advice = advise(answers);
    const { source, keys, browser } = answers;
    const isEnough = source !== null && browser !== null && (source !== 'own' || keys !== null);
    if (!isEnough) {
      expect(advice).toBeNull();
      return;
    }
    expect(advice!.mode).toBe(source !== 'own' ? 'provider' : keys === 'yes' ? 'key-set' : 'hmac');
    expect(advice!.provider).toBe(source === 'own' ? null : source);
    expect(advice!.delivery).toBe(browser === 'never' ? 'server' : 'page');
    expect(advice!.isNarrow).toBe(browser === 'narrow');
    expect(advice!.reasons.length).toBeGreaterThanOrEqual(2);
    expect(advice!.needs.length).toBeGreaterThanOrEqual(1);
    for (const sentence of advice!.reasons) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(new Set(advice!.reasons).size).toBe(advice!.reasons.length);
    if (browser === 'page') expect(advice!.minutes).toBeLessThanOrEqual(5);
    // A token made for the chat alone is what a shared secret gives anyway.
    expect(advice!.needs.some((one) => one.includes('exchanges'))).toBe(browser === 'narrow' && advice!.mode !== 'hmac');
  });

  it('covers every combination that can be answered', () => {
    expect(all.filter((one) => advise(one))).toHaveLength(2 * 3 + 6 * 3 * 3);
  });

  it('forgets about keys when the answer becomes a provider, so that going back asks anew', () => {
    const own = answer(answer(answer(noAnswers, 'source', 'own'), 'keys', 'yes'), 'browser', 'page');
    expect(advise(own)!.mode).toBe('key-set');
    const hosted = answer(own, 'source', 'auth0');
    expect(hosted).toEqual({ source: 'auth0', keys: null, browser: 'page' });
    expect(advise(answer(hosted, 'source', 'own'))).toBeNull();
  });
});
