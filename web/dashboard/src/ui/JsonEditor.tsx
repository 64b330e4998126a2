// SPDX-License-Identifier: Apache-2.0
import { Button } from './Button';
import { Field, type ControlProps, type FieldProps } from './Field';
import { jsonProblem } from './json';
import { later } from './later';
import fieldStyles from './Field.module.css';
import styles from './JsonEditor.module.css';

/** Something wrong at a line of the text, counted from 1; without a column it is the whole line. */
export interface Mark {
  line: number;
  column?: number;
  message: string;
}

export interface CodeEditorProps {
  control: ControlProps;
  label: string;
  /** What a screen reader says besides: help and errors, which it cannot be pointed at. */
  description: string;
  value: string;
  onChange: (text: string) => void;
  rows: number;
  isReadOnly: boolean;
  placeholder: string;
  marks: readonly Mark[];
}

/** The same text in a plain field of the same size, until the editor's code is there. */
const Plain = ({ control, value, onChange, rows, isReadOnly, placeholder }: CodeEditorProps) => (
  <textarea {...control} value={value} placeholder={placeholder} readOnly={isReadOnly} wrap="off" spellCheck={false} autoCapitalize="none" autoCorrect="off" style={{ height: `calc(${rows * 1.5}em + 14px)` }}
    className={`${fieldStyles.control} ${fieldStyles.mono} ${styles.plain}`} onChange={(event) => onChange(event.target.value)} />
);
const CodeEditor = later<CodeEditorProps>(() => import('./CodeEditor'), Plain);

/** The editor's code is fetched before it is asked for: for pages on which it is a click away. */
export const prefetchJsonEditor = CodeEditor.prefetch;

interface JsonEditorProps extends Omit<FieldProps, 'label' | 'help' | 'pointer'> {
  label: string;
  /** The text, which need not be JSON while it is written. `parseJson` of `ui/json` reads it. */
  value: string;
  onChange: (text: string) => void;
  rows?: number;
  isReadOnly?: boolean;
  placeholder?: string;
  /** What the server says of its lines. That it is no JSON is found here. */
  marks?: readonly Mark[];
}

const wayOut = 'Tab indents. Esc, then Tab, leaves.';

/** JSON as text: numbered and coloured lines, errors marked where they are, and a button that sets it in order. */
export function JsonEditor({ label, value, onChange, rows = 12, isReadOnly = false, placeholder = '', marks = [], error, ...field }: JsonEditorProps) {
  const problem = value.trim() === '' ? null : jsonProblem(value);
  const wrong = error ?? (problem && `Line ${problem.line}, column ${problem.column}: ${problem.message}`);
  const help = isReadOnly ? undefined : wayOut;
  return (
    <div className={styles.editor}>
      <Field {...field} label={label} error={wrong} help={help}>
        {(control) => <CodeEditor control={control} label={label} description={[wrong, help].filter(Boolean).join(' ')} value={value} onChange={onChange} rows={rows} isReadOnly={isReadOnly} placeholder={placeholder} marks={problem ? [problem] : marks} />}
      </Field>
      {!isReadOnly && <div className={styles.tools}><Button size="small" kind="quiet" disabled={problem !== null || value.trim() === ''} onClick={() => onChange(JSON.stringify(JSON.parse(value), null, 2))}>Set in order</Button></div>}
    </div>
  );
}
