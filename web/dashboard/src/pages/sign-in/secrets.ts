// SPDX-License-Identifier: Apache-2.0
/** Signing secrets: which are in use, and what ending one would do. */
import type { Secret } from './data';

export const secretsOfIssuer = (secrets: readonly Secret[], issuer: string): Secret[] => secrets.filter((one) => one.purpose === 'visitor-signing' && one.name === issuer);
export const isInUse = (secret: Secret): boolean => secret.state === 'usable' || secret.state === 'ending';

/** What killing this secret does, to whom: the sentences that are read before. */
export function consequencesOf(secret: Secret, all: readonly Secret[]): string[] {
  const others = all.filter((one) => one.id !== secret.id && isInUse(one));
  const staying = others.filter((one) => one.state === 'usable');
  return [
    'Every token that it signed is refused from the next message on, on all servers. Whoever is signed in by one goes on anonymously until your app hands over a new token.',
    staying.length > 0
      ? 'Tokens signed with the other secret stay good.'
      : others.length > 0
        ? 'The only other secret is about to end. After that nobody can sign in until you generate a new one.'
        : 'There is no other secret: nobody can sign in until you generate a new one and put it into your backend.',
  ];
}
