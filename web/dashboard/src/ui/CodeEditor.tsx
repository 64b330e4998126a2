// SPDX-License-Identifier: Apache-2.0
// CodeMirror in a shadow root: there it puts its styles into adoptedStyleSheets, which the Content-Security-Policy lets through.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Annotation, Compartment, EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder as placeholderText } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useLayoutEffect, useRef, useState } from 'react';
import type { CodeEditorProps } from './JsonEditor';
import { codeStyle } from './code-style';
import styles from './JsonEditor.module.css';

/** The text as it was set from outside: nobody is told of it again. */
const fromOutside = Annotation.define<true>();

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--chatelaine-primary)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--chatelaine-brass)' },
  { tag: [tags.separator, tags.squareBracket, tags.brace], color: 'var(--chatelaine-muted)' },
  { tag: tags.invalid, color: 'var(--chatelaine-danger)' },
]);

/** Tab indents; after Escape it leaves, however long that takes, until the editor is come back to. */
const waysOut: Extension = [
  keymap.of([{ key: 'Escape', run: (view) => (view.setTabFocusMode(true), false) }, indentWithTab]),
  EditorView.domEventHandlers({ blur: (_, view) => view.setTabFocusMode(false) }),
];

/** What is typed goes straight into the editor's state. Left to the browser, text typed over a selection gets the colours that it
 * replaces as an inline style, which the policy refuses with an error in the console. */
const typing = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const { data } = event;
    if (event.inputType !== 'insertText' || !data || event.isComposing || view.composing || view.state.readOnly) return false;
    const { from, to } = view.state.selection.main;
    const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

/** Of an error that names a line all that stands on it, of one that names a column the sign there. */
function diagnosticsOf(text: Text, marks: CodeEditorProps['marks']): Diagnostic[] {
  return marks.map(({ line, column, message }) => {
    const at = text.line(Math.min(line, text.lines));
    const indent = /^\s*/.exec(at.text)![0].length;
    const from = column === undefined ? at.from + indent : Math.min(at.from + column - 1, Math.max(at.from, at.to - 1));
    return { from, to: column === undefined ? Math.max(at.to, from) : Math.min(from + 1, at.to), severity: 'error', message };
  });
}

/** JSON with numbered and coloured lines, brackets that find each other, and errors at their place. */
export default function CodeEditor({ control, label, description, value, onChange, rows, isReadOnly, placeholder, marks }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const [settings] = useState(() => new Compartment());
  const latest = useRef(onChange);
  latest.current = onChange;
  // Who was writing already, in the plain field that stood here before, goes on where they were.
  const [before] = useState(() => {
    const { activeElement } = document;
    return activeElement instanceof HTMLTextAreaElement && activeElement.id === control.id ? { anchor: activeElement.selectionStart, head: activeElement.selectionEnd } : null;
  });
  const said: Extension = [
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({
      tabindex: '0', 'aria-label': label, ...(description ? { 'aria-description': description } : {}), ...(control['aria-invalid'] ? { 'aria-invalid': 'true' } : {}), ...(isReadOnly ? { 'aria-readonly': 'true' } : {}),
      autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false',
    }),
    isReadOnly ? [] : waysOut,
  ];

  useLayoutEffect(() => {
    const element = host.current!;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const view = new EditorView({
      root, parent: root,
      state: EditorState.create({
        doc: value, selection: before ?? undefined,
        extensions: [
          codeStyle, typing, lineNumbers(), lintGutter(), highlightActiveLineGutter(), highlightActiveLine(), drawSelection(), history(), json(), syntaxHighlighting(colours), bracketMatching(), closeBrackets(), indentOnInput(),
          indentUnit.of('  '), placeholderText(placeholder), EditorState.tabSize.of(2), settings.of(said), keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            if (docChanged && !transactions.some((one) => one.annotation(fromOutside))) latest.current(state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    if (before) view.focus();
    const names = document.querySelector(`label[for="${CSS.escape(control.id)}"]`);
    const focus = () => view.focus();
    names?.addEventListener('click', focus);
    return () => {
      names?.removeEventListener('click', focus);
      view.destroy();
    };
  }, []);

  useLayoutEffect(() => {
    const view = editor.current!;
    if (view.state.doc.toString() !== value) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value }, annotations: fromOutside.of(true) });
  }, [value]);
  useLayoutEffect(() => editor.current!.dispatch({ effects: settings.reconfigure(said) }), [label, description, isReadOnly, control['aria-invalid']]);
  useLayoutEffect(() => editor.current!.dispatch(setDiagnostics(editor.current!.state, diagnosticsOf(editor.current!.state.doc, marks))), [value, JSON.stringify(marks)]);

  return <div ref={host} id={control.id} className={`${styles.host} ${control['aria-invalid'] ? styles.invalid : ''}`} style={{ height: `calc(${rows * 1.5}em + 14px)` }} />;
}
