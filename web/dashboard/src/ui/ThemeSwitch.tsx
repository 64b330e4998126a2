// SPDX-License-Identifier: Apache-2.0
import { Monitor, Moon, Sun } from 'lucide-react';
import { useId } from 'react';
import { setTheme, useTheme, type Theme } from '../theme';
import styles from './ThemeSwitch.module.css';

const choices: readonly { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: 'system', label: 'As the system has it', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
];

/** Light, dark, or as the system has it. */
export function ThemeSwitch() {
  const name = useId();
  const theme = useTheme();
  return (
    <fieldset className={styles.switch}>
      <legend className="visually-hidden">Theme</legend>
      {choices.map(({ value, label, icon: Icon }) => (
        <label key={value} className={styles.choice} title={label}>
          <input type="radio" name={name} className="visually-hidden" checked={theme === value} onChange={() => setTheme(value)} />
          <Icon aria-hidden />
          <span className="visually-hidden">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
