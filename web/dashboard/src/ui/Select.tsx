// SPDX-License-Identifier: Apache-2.0
import type { SelectHTMLAttributes } from 'react';
import { ChevronDown } from 'lucide-react';
import { Field, type FieldProps } from './Field';
import styles from './Field.module.css';

export interface Option<V extends string> {
  value: V;
  label: string;
  isDisabled?: boolean;
}

type SelectProps<V extends string> = FieldProps & {
  value: V;
  onChange: (value: V) => void;
  options: readonly Option<V>[];
} & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange'>;

/** One of a few. The browser's own list: right for keyboard, phones and screen readers. */
export function Select<V extends string>({ label, help, error, pointer, isOptional, value, onChange, options, ...select }: SelectProps<V>) {
  return (
    <Field {...{ label, help, error, pointer, isOptional }}>
      {(control) => (
        <span className={styles.selectFrame}>
          <select {...select} {...control} value={value} onChange={(event) => onChange(event.target.value as V)} className={`${styles.control} ${styles.select}`}>
            {options.map((option) => <option key={option.value} value={option.value} disabled={option.isDisabled}>{option.label}</option>)}
          </select>
          <ChevronDown aria-hidden />
        </span>
      )}
    </Field>
  );
}
