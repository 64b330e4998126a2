// SPDX-License-Identifier: Apache-2.0
import { CircleAlert, CircleCheck, CircleDashed, Lightbulb, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './Verdict.module.css';

export type VerdictKind = 'good' | 'bad' | 'warning' | 'advice' | 'waiting';
const glyphs = { good: CircleCheck, bad: CircleAlert, warning: TriangleAlert, advice: Lightbulb, waiting: CircleDashed };

interface VerdictProps {
  kind: VerdictKind;
  /** In words: "Verified", "Not verified". Never colour alone. */
  title: ReactNode;
  /** The reason code, as it stands in logs and in the audit. */
  code?: string | null;
  /** What it means. */
  children?: ReactNode;
  /** The fix, as a button. */
  action?: ReactNode;
}

/** A judgement: words, colour and glyph, the reason's code, what it means and how to mend it. */
export function Verdict({ kind, title, code, children, action }: VerdictProps) {
  const Glyph = glyphs[kind];
  return (
    <div className={`${styles.verdict} ${styles[kind]}`} role="status">
      <Glyph aria-hidden className={styles.glyph} />
      <div className={styles.words}>
        <p className={styles.title}>{title} {code && <code className={styles.code}>{code}</code>}</p>
        {children && <div className={styles.meaning}>{children}</div>}
        {action && <div className="row">{action}</div>}
      </div>
    </div>
  );
}
