// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from 'react';
import { useFieldError } from './form';
import styles from './Switch.module.css';

interface SwitchProps {
  label: ReactNode;
  help?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isDisabled?: boolean;
  pointer?: string;
}

/** On or off. */
export function Switch({ label, help, isOn, onChange, isDisabled, pointer }: SwitchProps) {
  const id = useId();
  const error = useFieldError(pointer);
  return (
    <div className={styles.frame}>
      <input id={id} type="checkbox" role="switch" className={styles.switch} checked={isOn} disabled={isDisabled} aria-invalid={error ? true : undefined}
        aria-describedby={help || error ? `${id}-help` : undefined} onChange={(event) => onChange(event.target.checked)} />
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        {(help || error) && <p id={`${id}-help`} className={error ? styles.error : styles.help}>{error ?? help}</p>}
      </div>
    </div>
  );
}

/** One of several that may hold together. */
export function Checkbox({ label, help, isOn, onChange, isDisabled, pointer }: SwitchProps) {
  const id = useId();
  const error = useFieldError(pointer);
  return (
    <div className={styles.frame}>
      <input id={id} type="checkbox" className={styles.checkbox} checked={isOn} disabled={isDisabled} aria-invalid={error ? true : undefined}
        aria-describedby={help || error ? `${id}-help` : undefined} onChange={(event) => onChange(event.target.checked)} />
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        {(help || error) && <p id={`${id}-help`} className={error ? styles.error : styles.help}>{error ?? help}</p>}
      </div>
    </div>
  );
}

interface RadioGroupProps<V extends string> {
  label: ReactNode;
  help?: ReactNode;
  value: V | null;
  onChange: (value: V) => void;
  options: readonly { value: V; label: ReactNode; help?: ReactNode; isDisabled?: boolean }[];
  pointer?: string;
}

/** One of a few that each need a word of explanation. */
export function RadioGroup<V extends string>({ label, help, value, onChange, options, pointer }: RadioGroupProps<V>) {
  const id = useId();
  const error = useFieldError(pointer);
  return (
    <fieldset className={styles.group} aria-describedby={help || error ? `${id}-group` : undefined}>
      <legend className={styles.legend}>{label}</legend>
      {(help || error) && <p id={`${id}-group`} className={error ? styles.error : styles.help}>{error ?? help}</p>}
      {options.map((option) => (
        <div key={option.value} className={styles.frame}>
          <input id={`${id}-${option.value}`} type="radio" name={id} className={styles.radio} checked={option.value === value} disabled={option.isDisabled}
            aria-describedby={option.help ? `${id}-${option.value}-help` : undefined} onChange={() => onChange(option.value)} />
          <div className={styles.words}>
            <label htmlFor={`${id}-${option.value}`}>{option.label}</label>
            {option.help && <p id={`${id}-${option.value}-help`} className={styles.help}>{option.help}</p>}
          </div>
        </div>
      ))}
    </fieldset>
  );
}
