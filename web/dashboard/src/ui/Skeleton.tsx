// SPDX-License-Identifier: Apache-2.0
import styles from './Skeleton.module.css';

/** Lines where rows will stand. They appear only when the answer takes longer than 150 ms. */
export function SkeletonRows({ count = 3 }: { count?: number }) {
  return (
    <div className={styles.rows} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, at) => <span key={at} className={styles.row} />)}
    </div>
  );
}

/** A page that is on its way. */
export function SkeletonPage() {
  return (
    <div className={styles.page}>
      <span className={styles.title} />
      <SkeletonRows count={5} />
    </div>
  );
}
