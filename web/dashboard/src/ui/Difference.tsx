// SPDX-License-Identifier: Apache-2.0
import { differenceOf, inWords } from './difference';
import styles from './Difference.module.css';

interface DifferenceProps {
  before: unknown;
  after: unknown;
  beforeLabel?: string;
  afterLabel?: string;
}

/** Two states of one JSON value side by side, member by member; what is the same is left out. */
export function Difference({ before, after, beforeLabel = 'Before', afterLabel = 'After' }: DifferenceProps) {
  const changes = differenceOf(before, after);
  if (changes.length === 0) return <p className="muted">Both are the same.</p>;
  return (
    <table className={styles.table}>
      <thead>
        <tr><th scope="col">Member</th><th scope="col">{beforeLabel}</th><th scope="col">{afterLabel}</th></tr>
      </thead>
      <tbody>
        {changes.map(({ pointer, before, after }) => (
          <tr key={pointer}>
            <th scope="row"><code>{pointer || '/'}</code></th>
            <td>{before === undefined ? <span className="muted">not there</span> : <del><code>{inWords(before)}</code></del>}</td>
            <td>{after === undefined ? <span className="muted">not there</span> : <ins><code>{inWords(after)}</code></ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
