// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from 'react';
import { CircleAlert } from 'lucide-react';
import { useFieldError } from './form';
import styles from './Field.module.css';

export interface FieldProps {
  label: ReactNode;
  /** What to write here and where to find it. Always visible. */
  help?: ReactNode;
  /** What is wrong with it, found on this page. The server's own word comes by `pointer`. */
  error?: string | null;
  /** JSON pointer of this member in what is sent. */
  pointer?: string;
  isOptional?: boolean;
}

/** What a control inside a Field must carry. */
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

/** Label, help and error around any control: `<Field label="Name">{(control) => <input {...control} />}</Field>`. */
export function Field({ label, help, error, pointer, isOptional, children }: FieldProps & { children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const refused = useFieldError(pointer);
  const wrong = error ?? refused;
  const described = [help && `${id}-help`, wrong && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
        {isOptional && <span className={styles.optional}> (optional)</span>}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': wrong ? true : undefined })}
      {wrong && (
        <p id={`${id}-error`} className={styles.error}>
          <CircleAlert aria-hidden />
          <span>{wrong}</span>
        </p>
      )}
      {help && <p id={`${id}-help`} className={styles.help}>{help}</p>}
    </div>
  );
}
