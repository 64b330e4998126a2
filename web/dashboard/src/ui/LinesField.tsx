// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { TextArea } from './TextField';
import type { FieldProps } from './Field';
import { useListError } from './form';

type LinesFieldProps = FieldProps & {
  value: readonly string[];
  onChange: (value: string[]) => void;
  placeholder?: string;
};

/** A list of short texts, one a line. The server's word on any of them ("/origins/2") appears below. */
export function LinesField({ value, onChange, pointer, error, ...field }: LinesFieldProps) {
  const refused = useListError(pointer);
  // What is typed keeps its blank lines; the value has none.
  const [typed, setTyped] = useState(value.join('\n'));
  const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);
  const shown = lines(typed).join('\n') === value.join('\n') ? typed : value.join('\n');
  return (
    <TextArea {...field} error={error ?? refused} isMono rows={Math.max(3, shown.split('\n').length)} value={shown} onChange={(text) => (setTyped(text), onChange(lines(text)))} />
  );
}
