// SPDX-License-Identifier: Apache-2.0
import { KeyRound } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from './Button';
import { CopyButton } from './CopyButton';
import styles from './SecretOnce.module.css';

interface SecretOnceProps {
  /** "Signing secret" */
  title: string;
  secret: string;
  /** Where it goes: "Put it into CHATELAINE_SECRET of the server that signs." */
  children?: ReactNode;
  /** "I have stored it": from now on the secret is gone from the page. */
  onStored: () => void;
  /** Several lines, such as recovery codes. */
  isList?: boolean;
}

/** A secret in its brass card, shown this one time. */
export function SecretOnce({ title, secret, children, onStored, isList = false }: SecretOnceProps) {
  const [wasCopied, setWasCopied] = useState(false);
  return (
    <section className={styles.card} aria-label={title}>
      <p className={styles.title}><KeyRound aria-hidden /> {title}</p>
      <p>It is shown this one time and cannot be read again here. {children}</p>
      <pre className={isList ? styles.list : styles.secret} tabIndex={0} aria-label={`${title}, in full`}><code>{secret}</code></pre>
      <div className="row">
        <CopyButton text={secret} label="Copy" onCopied={() => setWasCopied(true)} />
        <Button kind={wasCopied ? 'primary' : 'secondary'} size="small" onClick={onStored}>I have stored it</Button>
      </div>
    </section>
  );
}
