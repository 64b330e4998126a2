// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import type { Draft } from '../api/draft';
import { Button } from './Button';
import { Dialog, DialogButtons } from './Dialog';
import { Difference } from './Difference';
import { Problem } from './Problem';
import styles from './SaveBar.module.css';

interface SaveBarProps<Value, Data> {
  draft: Draft<Value, Data>;
  /** "Save" unless it does something more particular. */
  verb?: string;
  /** Who changed it meanwhile, where the resource says so: "ada@acme.example". */
  changedBy?: (theirs: Data) => string | null;
  children?: ReactNode;
}

/** The foot of a form over a `useDraft`: save, discard, what went wrong, and what to do where somebody else was faster.
 * Stands inside a `Form` whose onSubmit is `draft.save`. */
export function SaveBar<Value, Data>({ draft, verb = 'Save', changedBy, children }: SaveBarProps<Value, Data>) {
  return (
    <>
      <Problem of={draft.problem} />
      <div className={styles.bar}>
        <Button type="submit" kind="primary" isBusy={draft.isSaving} disabled={!draft.isDirty}>{verb}</Button>
        {draft.isDirty && !draft.isSaving && <Button kind="quiet" onClick={draft.reset}>Discard</Button>}
        {children}
        <span role="status" className="muted">{draft.isDirty ? 'Not saved yet' : ''}</span>
      </div>
      <ConflictDialog draft={draft} changedBy={changedBy} />
    </>
  );
}

/** Changed meanwhile by somebody else: see the difference, overwrite, or take theirs. */
export function ConflictDialog<Value, Data>({ draft, changedBy }: Pick<SaveBarProps<Value, Data>, 'draft' | 'changedBy'>) {
  const [isCompared, setIsCompared] = useState(false);
  const both = draft.compare();
  const who = draft.conflict ? changedBy?.(draft.conflict.theirs.data) : null;
  return (
    <Dialog isOpen={both !== null} onClose={draft.takeTheirs} isSticky isWide={isCompared} title="Changed meanwhile"
      lead={`${who ?? 'Another administrator'} saved a change after you began yours. Nothing of either is lost yet.`}>
      {isCompared && both && <Difference before={both.theirs} after={both.ours} beforeLabel="Theirs, saved" afterLabel="Yours" />}
      <DialogButtons>
        {!isCompared && <Button onClick={() => setIsCompared(true)}>See the difference</Button>}
        <Button onClick={draft.takeTheirs}>Take theirs</Button>
        <Button kind="danger" isBusy={draft.isSaving} onClick={draft.overwrite}>Overwrite with yours</Button>
      </DialogButtons>
    </Dialog>
  );
}
