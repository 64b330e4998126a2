// SPDX-License-Identifier: Apache-2.0
/** The state of a key set in words. */
import type { BadgeKind } from '../../ui/Badge';
import type { KeySet } from './data';

const states: Record<KeySet['state'], { kind: BadgeKind; words: string; sentence: string }> = {
  fresh: { kind: 'good', words: 'Fresh', sentence: 'The keys are up to date.' },
  stale: { kind: 'brass', words: 'Stale', sentence: 'The keys cannot be fetched at the moment. Those of the last good fetch are still in use, for 24 hours after it at most.' },
  failing: { kind: 'danger', words: 'Failing', sentence: 'There are no keys: every token of this issuer is refused.' },
  empty: { kind: 'danger', words: 'No usable key', sentence: 'The key set was fetched, but holds no key that can verify a token.' },
  'not-fetched': { kind: 'plain', words: 'Not fetched yet', sentence: 'No token has asked for these keys since this server started. The first one fetches them.' },
  pasted: { kind: 'plain', words: 'Pasted', sentence: 'The keys stand in the settings: nothing is fetched, and a new key must be pasted.' },
  incomplete: { kind: 'brass', words: 'Not set up', sentence: 'There is neither a key-set URL nor a pasted key, or the provider’s issuer is not confirmed.' },
};

export const stateOf = (keySet: Pick<KeySet, 'state'>) => states[keySet.state];
