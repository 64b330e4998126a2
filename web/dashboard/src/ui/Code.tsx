// SPDX-License-Identifier: Apache-2.0
import { CopyButton } from './CopyButton';
import styles from './Code.module.css';

interface CodeProps {
  code: string;
  /** What it is, above it: "Node.js", "resolved identity". */
  title?: string;
  /** Folds long lines instead of scrolling. */
  isWrapped?: boolean;
}

/** Code or JSON to read and to copy. */
export function Code({ code, title, isWrapped = false }: CodeProps) {
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.head}>
        <span>{title}</span>
        <CopyButton text={code} isCompact label={title ? `Copy ${title}` : 'Copy'} />
      </figcaption>
      <pre className={`${styles.code} ${isWrapped ? styles.wrapped : ''}`} tabIndex={0} aria-label={title ?? 'Code'}><code>{code}</code></pre>
    </figure>
  );
}

/** An id or a key in a line of text, with a button that copies it. */
export function InlineCode({ code, label }: { code: string; label?: string }) {
  return (
    <span className={styles.inline}>
      <code>{code}</code>
      <CopyButton text={code} isCompact label={label ?? `Copy ${code}`} />
    </span>
  );
}
