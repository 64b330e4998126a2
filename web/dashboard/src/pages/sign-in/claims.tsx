// SPDX-License-Identifier: Apache-2.0
import { ArrowRight, Check, Minus, ShieldCheck } from 'lucide-react';
import styles from './claims.module.css';
import type { ClaimFate, TokenTest } from './verify';

const fates = {
  'passed-on': { glyph: Check, words: 'Passed on', className: styles.passed },
  renamed: { glyph: ArrowRight, words: 'Renamed', className: styles.passed },
  checked: { glyph: ShieldCheck, words: 'Checked, kept back', className: styles.kept },
  dropped: { glyph: Minus, words: 'Dropped', className: styles.dropped },
} as const;

export const valueInWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function Fate({ claim, isProven }: { claim: ClaimFate; isProven: boolean }) {
  const { glyph: Glyph, words, className } = fates[claim.fate];
  const under = claim.as.filter((name) => name !== claim.name);
  return (
    <div className={styles.fate}>
      <span className={`${styles.word} ${className}`}>
        <Glyph aria-hidden />
        {isProven || claim.fate === 'checked' ? words : `Would be ${words.toLowerCase()}`}
        {claim.fate === 'renamed' && under.length > 0 && <> to {under.map((name) => <code key={name}>{name}</code>)}</>}
      </span>
      <span className={styles.why}>{claim.why}</span>
    </div>
  );
}

/** Every claim of a token and what becomes of it. */
export function Claims({ claims, times = [], title, isProven = true }: { claims: readonly ClaimFate[]; times?: TokenTest['times']; title: string; isProven?: boolean }) {
  return (
    <table className={styles.claims}>
      <caption className="visually-hidden">{title}</caption>
      <thead>
        <tr><th scope="col">Claim</th><th scope="col">Value</th><th scope="col">What becomes of it</th></tr>
      </thead>
      <tbody>
        {claims.map((claim) => {
          const time = times.find((one) => one.name === claim.name);
          return (
            <tr key={claim.name} className={claim.fate === 'dropped' ? styles.faded : undefined}>
              <th scope="row"><code>{claim.name}</code></th>
              <td>
                <code className={styles.value}>{valueInWords(claim.value)}</code>
                {time && <span className={styles.time}>{time.words}</span>}
              </td>
              <td><Fate claim={claim} isProven={isProven} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
