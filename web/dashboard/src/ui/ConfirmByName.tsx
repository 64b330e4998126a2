// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type ReactNode } from 'react';
import type { ApiProblem } from '../api/problem';
import { Button } from './Button';
import { Dialog, DialogButtons } from './Dialog';
import { Form } from './form';
import { Problem } from './Problem';
import { TextField } from './TextField';

interface ConfirmByNameProps {
  isOpen: boolean;
  onClose: () => void;
  /** "Delete the environment staging?" */
  title: string;
  /** What will happen to whom, counted: "412 visitors and 3,804 conversations are erased. There is no way back." */
  children: ReactNode;
  /** What must be typed, exactly. */
  name: string;
  /** The button: "Delete environment". */
  verb: string;
  /** Does it. Where it throws or its mutation fails, give `problem` and stay open. */
  onConfirm: () => unknown;
  isBusy?: boolean;
  problem?: ApiProblem | null;
}

/** A destructive act: says what happens, counts it, and takes the name typed. */
export function ConfirmByName({ isOpen, onClose, title, children, name, verb, onConfirm, isBusy, problem = null }: ConfirmByNameProps) {
  const [typed, setTyped] = useState('');
  useEffect(() => setTyped(''), [isOpen]); // the next one is typed anew
  const isRight = typed.trim() === name;
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <Form problem={problem} onSubmit={() => isRight && !isBusy && onConfirm()}>
        <div className="stack">{children}</div>
        <TextField label={<>Type <code>{name}</code> to go on</>} value={typed} onChange={setTyped} isMono autoComplete="off" />
        <Problem of={problem} />
        <DialogButtons>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" type="submit" disabled={!isRight} isBusy={isBusy}>{verb}</Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
