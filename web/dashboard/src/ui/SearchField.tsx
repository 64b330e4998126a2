// SPDX-License-Identifier: Apache-2.0
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import styles from './SearchField.module.css';

interface SearchFieldProps {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
}

/** Filters as you type; Escape empties it. Give its value through `useSettled` to the query. */
export function SearchField({ label, placeholder = label, value, onChange }: SearchFieldProps) {
  return (
    <span className={styles.frame}>
      <Search aria-hidden />
      <input type="search" aria-label={label} placeholder={placeholder} value={value} autoComplete="off" spellCheck={false} className={styles.input}
        onChange={(event) => onChange(event.target.value)} onKeyDown={(event) => event.key === 'Escape' && value && (event.stopPropagation(), onChange(''))} />
    </span>
  );
}

/** A value as it was once it had not changed for `delay` ms: one request a word, not one a letter. */
export function useSettled<T>(value: T, delay = 120): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return settled;
}
