// SPDX-License-Identifier: Apache-2.0
import type { InputHTMLAttributes, Ref, TextareaHTMLAttributes } from 'react';
import { Field, type FieldProps } from './Field';
import styles from './Field.module.css';

type Shared = FieldProps & {
  value: string;
  onChange: (value: string) => void;
  /** Ids, tokens, URLs, code: fixed width, no spelling help. */
  isMono?: boolean;
};

type TextFieldProps = Shared & { ref?: Ref<HTMLInputElement> } & Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'>;

const plainText = { spellCheck: false, autoCapitalize: 'none', autoCorrect: 'off' } as const;

/** One line of text; any attribute of <input> goes through (type, autoComplete, inputMode, placeholder …). */
export function TextField({ label, help, error, pointer, isOptional, value, onChange, isMono, ...input }: TextFieldProps) {
  return (
    <Field {...{ label, help, error, pointer, isOptional }}>
      {(control) => (
        <input type="text" {...(isMono ? plainText : {})} {...input} {...control} value={value} onChange={(event) => onChange(event.target.value)} className={`${styles.control} ${isMono ? styles.mono : ''}`} />
      )}
    </Field>
  );
}

type TextAreaProps = Shared & { ref?: Ref<HTMLTextAreaElement> } & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onChange'>;

/** Several lines. */
export function TextArea({ label, help, error, pointer, isOptional, value, onChange, isMono, rows = 4, ...area }: TextAreaProps) {
  return (
    <Field {...{ label, help, error, pointer, isOptional }}>
      {(control) => (
        <textarea {...(isMono ? plainText : {})} {...area} {...control} rows={rows} value={value} onChange={(event) => onChange(event.target.value)} className={`${styles.control} ${styles.area} ${isMono ? styles.mono : ''}`} />
      )}
    </Field>
  );
}
