// SPDX-License-Identifier: Apache-2.0
import styles from './people.module.css';

export type Kind = '' | 'verified' | 'anonymous';
const kinds: readonly { value: Kind; label: string }[] = [{ value: '', label: 'All' }, { value: 'verified', label: 'Verified' }, { value: 'anonymous', label: 'Anonymous' }];

export function KindFilter({ value, onChange }: { value: Kind; onChange: (kind: Kind) => void }) {
  return (
    <div className={styles.kinds} role="group" aria-label="Which visitors">
      {kinds.map((kind) => <button key={kind.value} type="button" aria-pressed={kind.value === value} onClick={() => onChange(kind.value)}>{kind.label}</button>)}
    </div>
  );
}
