// SPDX-License-Identifier: Apache-2.0
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import styles from './Button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one thing to do here. `danger`: what cannot be taken back. `quiet`: no border until it is pointed at. */
  kind?: 'primary' | 'secondary' | 'danger' | 'quiet';
  size?: 'normal' | 'small';
  icon?: ReactNode;
  /** Work is under way: the button keeps its width and its focus, and does nothing meanwhile. */
  isBusy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** Type "button" unless said otherwise. An icon alone needs `aria-label`. */
export function Button({ kind = 'secondary', size = 'normal', icon, isBusy = false, className, children, onClick, type = 'button', ...rest }: ButtonProps) {
  const classes = [styles.button, styles[kind], size === 'small' && styles.small, !children && styles.iconOnly, className].filter(Boolean).join(' ');
  return (
    <button
      {...rest}
      type={type}
      className={classes}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || rest['aria-disabled']}
      onClick={(event) => (isBusy ? event.preventDefault() : onClick?.(event))}
    >
      {icon}
      {children}
    </button>
  );
}

/** The same look on a link: `<Link className={buttonClass('primary')}>`. */
export const buttonClass = (kind: NonNullable<ButtonProps['kind']> = 'secondary', size: NonNullable<ButtonProps['size']> = 'normal'): string =>
  [styles.button, styles[kind], size === 'small' && styles.small].filter(Boolean).join(' ');
