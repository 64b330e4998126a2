// SPDX-License-Identifier: Apache-2.0
import { Eye } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEnvironment } from '../../api/environment';
import { useRight, type Right } from '../../api/session';
import styles from './Allowed.module.css';

const whoMay: Partial<Record<Right, string>> = { configure: 'A developer, an administrator or an owner may change this.', secrets: 'A developer, an administrator or an owner may change secrets.' };

/** What takes a role to use. Whoever has not got it may read it, and is told who may change it. */
export function Allowed({ right = 'configure', children }: { right?: Right; children: ReactNode }) {
  const may = useRight(right, useEnvironment().productId);
  return (
    <>
      {!may && <p className={styles.note}><Eye aria-hidden />You may read this. {whoMay[right]}</p>}
      <fieldset disabled={!may} className={styles.contents}>{children}</fieldset>
    </>
  );
}
