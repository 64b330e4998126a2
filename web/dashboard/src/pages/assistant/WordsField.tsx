// SPDX-License-Identifier: Apache-2.0
import { X } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { Field, type FieldProps } from '../../ui/Field';
import styles from './WordsField.module.css';

type WordsFieldProps = FieldProps & {
  words: readonly string[];
  onChange: (words: string[]) => void;
  placeholder?: string;
  /** What may be meant: offered while somebody types. */
  suggestions?: readonly string[];
};

/** Several words, each a chip. Enter, a comma or a space takes up what was typed; Backspace in the empty field takes the last one back. */
export function WordsField({ words, onChange, placeholder, suggestions = [], ...field }: WordsFieldProps) {
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);

  const add = (text: string): void => {
    const fresh = text.split(/[\s,]+/).filter((word, at, all) => word && !words.includes(word) && all.indexOf(word) === at);
    if (fresh.length > 0) onChange([...words, ...fresh]);
    setTyped('');
  };
  const remove = (word: string): void => {
    onChange(words.filter((one) => one !== word));
    input.current?.focus();
  };
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter' && typed.trim()) {
      event.preventDefault();
      add(typed);
    } else if (event.key === 'Backspace' && typed === '' && words.length > 0) onChange(words.slice(0, -1));
  };
  const type = (text: string): void => (/[\s,]/.test(text) ? add(text) : setTyped(text));

  return (
    <Field {...field}>
      {(control) => (
        <div className={styles.frame} data-invalid={control['aria-invalid']} onClick={(event) => event.target === event.currentTarget && input.current?.focus()}>
          {words.map((word) => (
            <span key={word} className={styles.word}>
              <span>{word}</span>
              <button type="button" aria-label={`Remove ${word}`} onClick={() => remove(word)}>
                <X aria-hidden />
              </button>
            </span>
          ))}
          <input ref={input} {...control} type="text" value={typed} list={suggestions.length > 0 ? `${control.id}-list` : undefined} placeholder={words.length === 0 ? placeholder : undefined}
            spellCheck={false} autoCapitalize="none" autoComplete="off" onChange={(event) => type(event.target.value)} onKeyDown={press} onBlur={() => add(typed)} className={styles.input} />
          {suggestions.length > 0 && (
            <datalist id={`${control.id}-list`}>
              {suggestions.filter((one) => !words.includes(one)).map((one) => <option key={one} value={one} />)}
            </datalist>
          )}
        </div>
      )}
    </Field>
  );
}
