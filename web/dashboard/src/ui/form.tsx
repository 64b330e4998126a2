// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext, useEffect, useMemo, useRef, useState, type FormEvent, type ReactNode } from 'react';
import type { ApiProblem } from '../api/problem';
import styles from './form.module.css';

interface FormErrors {
  problem: ApiProblem | null;
  claim: (pointer: string) => () => void;
  isClaimed: (pointer: string) => boolean;
}

const FormContext = createContext<FormErrors | null>(null);

interface FormProps {
  /** What the last sending answered, if it was refused: its `errors` appear at the fields whose `pointer` they name. */
  problem?: ApiProblem | null;
  onSubmit?: () => unknown;
  /** Names the form for screen readers, where no card's title does. */
  label?: string;
  children: ReactNode;
}

/** A form whose fields show the server's errors by JSON pointer. The first field at fault gets the focus. */
export function Form({ problem = null, onSubmit, label, children }: FormProps) {
  const [claimed, setClaimed] = useState<readonly string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  const errors = useMemo<FormErrors>(() => ({
    problem,
    claim: (pointer) => {
      setClaimed((before) => [...before, pointer]);
      return () => setClaimed((before) => before.toSpliced(before.indexOf(pointer), 1));
    },
    isClaimed: (pointer) => claimed.some((one) => one === pointer || (one.endsWith('/') && pointer.startsWith(one))),
  }), [problem, claimed]);
  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation(); // a form in a dialog over a form is not the form below
    onSubmit?.();
  };
  return (
    <FormContext value={errors}>
      <form ref={form} onSubmit={submit} aria-label={label} noValidate className={styles.form}>{children}</form>
    </FormContext>
  );
}

/** The server's word on one member of what was sent, or null. */
export function useFieldError(pointer: string | undefined): string | null {
  const form = useContext(FormContext);
  const claim = form?.claim;
  useEffect(() => (pointer !== undefined && claim ? claim(pointer) : undefined), [pointer]);
  return form?.problem?.errors.find((error) => error.pointer === pointer)?.detail ?? null;
}

/** The same for a field that holds a list: on it, or on any of its members. */
export function useListError(pointer: string | undefined): string | null {
  const form = useContext(FormContext);
  const own = useFieldError(pointer);
  useFieldError(pointer === undefined ? undefined : `${pointer}/`); // claims what is below
  const below = form?.problem?.errors.find((error) => pointer !== undefined && error.pointer.startsWith(`${pointer}/`));
  const at = below && Number(below.pointer.slice(`${pointer}/`.length));
  return own ?? (below ? `${Number.isInteger(at) ? `Line ${at! + 1}: ` : ''}${below.detail}` : null);
}

/** The errors that no field on the page shows. */
export function useUnclaimedErrors(problem: ApiProblem | null): ApiProblem['errors'] {
  const form = useContext(FormContext);
  return (problem?.errors ?? []).filter((error) => !form?.isClaimed(error.pointer));
}
