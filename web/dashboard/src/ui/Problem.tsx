// SPDX-License-Identifier: Apache-2.0
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApiProblem } from '../api/problem';
import { useUnclaimedErrors } from './form';
import styles from './Problem.module.css';

interface ProblemProps {
  /** Null shows nothing, so that it may stand in every form: `<Problem of={mutation.error} />`. */
  of: ApiProblem | null | undefined;
  /** A button that helps: try again, go there. */
  action?: ReactNode;
}

/** What went wrong: what happened, why, what to do. Read out when it appears. */
export function Problem({ of, action }: ProblemProps) {
  const errors = useUnclaimedErrors(of ?? null);
  const isSaidAtField = (text: string) => of!.errors.some((error) => error.detail === text && !errors.includes(error));
  return (
    <div role="alert" className={styles.region}>
      {of && (
        <div className={styles.problem}>
          <CircleAlert aria-hidden />
          <div className={styles.words}>
            <strong>{of.title}</strong>
            {of.detail && of.detail !== of.title && !isSaidAtField(of.detail) && <p>{of.detail}</p>}
            {of.document.fix && <p>{of.document.fix}</p>}
            {of.retryAfter !== null && !of.detail?.includes('Try again in') && <p>Try again in {of.retryAfter} s.</p>}
            {errors.length > 0 && (
              <ul>
                {errors.map((error) => <li key={`${error.pointer} ${error.detail}`}><code>{error.pointer || '/'}</code> {error.detail}</li>)}
              </ul>
            )}
            {action && <div className={styles.action}>{action}</div>}
          </div>
        </div>
      )}
    </div>
  );
}
