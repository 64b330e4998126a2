// SPDX-License-Identifier: Apache-2.0
import { useRef, type KeyboardEvent } from 'react';
import { Button } from './Button';
import { Field, type FieldProps } from './Field';
import { jsonProblem } from './json';
import fieldStyles from './Field.module.css';
import styles from './JsonEditor.module.css';

interface JsonEditorProps extends FieldProps {
  /** The text, which need not be JSON while it is written. `parseJson` of `ui/json` reads it. */
  value: string;
  onChange: (text: string) => void;
  rows?: number;
  isReadOnly?: boolean;
}

/** JSON as text: numbered lines, the line at fault named, brackets indented by Enter, a button that sets it in order. Tab leaves it. */
export function JsonEditor({ value, onChange, rows = 12, isReadOnly = false, error, ...field }: JsonEditorProps) {
  const numbers = useRef<HTMLPreElement>(null);
  const problem = value.trim() === '' ? null : jsonProblem(value);
  const lines = value.split('\n').length;
  const indent = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const { selectionStart, selectionEnd } = event.currentTarget;
    const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
    const space = /^\s*/.exec(line)![0] + (/[{[]\s*$/.test(line) ? '  ' : '');
    if (space === '') return;
    event.preventDefault();
    event.currentTarget.setRangeText(`\n${space}`, selectionStart, selectionEnd, 'end');
    onChange(event.currentTarget.value);
  };
  return (
    <div className={styles.editor}>
      <Field {...field} error={error ?? (problem && `Line ${problem.line}, column ${problem.column}: ${problem.message}`)}>
        {(control) => (
          <span className={styles.frame}>
            <pre ref={numbers} aria-hidden className={styles.numbers}>{Array.from({ length: lines }, (_, at) => <span key={at} className={at + 1 === problem?.line ? styles.wrong : undefined}>{at + 1}{'\n'}</span>)}</pre>
            <textarea {...control} rows={rows} value={value} readOnly={isReadOnly} wrap="off" spellCheck={false} autoCapitalize="none" autoCorrect="off" className={`${fieldStyles.control} ${fieldStyles.mono} ${styles.text}`}
              onChange={(event) => onChange(event.target.value)} onKeyDown={indent} onScroll={(event) => numbers.current && (numbers.current.scrollTop = event.currentTarget.scrollTop)} />
          </span>
        )}
      </Field>
      {!isReadOnly && <div className={styles.tools}><Button size="small" kind="quiet" disabled={problem !== null || value.trim() === ''} onClick={() => onChange(JSON.stringify(JSON.parse(value), null, 2))}>Set in order</Button></div>}
    </div>
  );
}
