// SPDX-License-Identifier: Apache-2.0
/** How far the guided setup of an environment has come. In this browser: answers and names, never a token or a secret. */
import { noAnswers, questions, type Answers } from './guide';

export interface Progress {
  answers: Answers;
  /** Whether the advice was taken: from then on the steps are shown. */
  isBegun: boolean;
  /** The issuer that was set up. */
  issuer: string | null;
  isVerified: boolean;
}

export const nothingDone: Progress = { answers: noAnswers, isBegun: false, issuer: null, isVerified: false };

const keyOf = (environment: string) => `chatelaine.start.${environment}`;

/** What was kept, as far as it is what it should be. */
export function readProgress(environment: string, storage: Pick<Storage, 'getItem'> = localStorage): Progress {
  try {
    const kept = JSON.parse(storage.getItem(keyOf(environment)) ?? 'null') as Partial<Progress> | null;
    if (typeof kept !== 'object' || kept === null) return nothingDone;
    const answers = { ...noAnswers };
    for (const { id, choices } of questions) {
      const value: unknown = kept.answers?.[id];
      if (choices.some((choice) => choice.value === value)) (answers as Record<string, unknown>)[id] = value;
    }
    return { answers, isBegun: kept.isBegun === true, issuer: typeof kept.issuer === 'string' ? kept.issuer : null, isVerified: kept.isVerified === true };
  } catch {
    return nothingDone;
  }
}

export function keepProgress(environment: string, { answers, isBegun, issuer, isVerified }: Progress, storage: Pick<Storage, 'setItem'> = localStorage): void {
  storage.setItem(keyOf(environment), JSON.stringify({ answers, isBegun, issuer, isVerified }));
}

export type StepState = 'done' | 'now' | 'later';

/** The first that is not done is the one to do now; nothing stops anybody from doing a later one. */
export function statesOf(isDone: readonly boolean[]): StepState[] {
  const now = isDone.indexOf(false);
  return isDone.map((one, at) => (one ? 'done' : at === now ? 'now' : 'later'));
}
