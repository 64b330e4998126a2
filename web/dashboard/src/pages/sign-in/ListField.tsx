// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { TextArea } from '../../ui/TextField';
import type { FieldProps } from '../../ui/Field';
import { listOf } from './issuer';

interface ListFieldProps extends FieldProps {
  value: readonly string[] | undefined;
  onChange: (value: string[]) => void;
  placeholder?: string;
  id?: string;
}

/** Several texts, one a line. What is typed stays as it is typed, empty lines and all, until the list is changed from elsewhere. */
export function ListField({ value = [], onChange, ...rest }: ListFieldProps) {
  const [text, setText] = useState(() => value.join('\n'));
  const shown = listOf(text).join('\n') === value.join('\n') ? text : value.join('\n');
  return (
    <TextArea
      {...rest} isMono rows={Math.max(2, Math.min(6, shown.split('\n').length))} value={shown}
      onChange={(next) => {
        setText(next);
        onChange(listOf(next));
      }}
    />
  );
}
