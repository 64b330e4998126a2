// SPDX-License-Identifier: Apache-2.0
// How the editor looks, in CodeMirror's own way of saying it: it is drawn in a shadow root, where style sheets of the page do not reach.
import { EditorView } from '@codemirror/view';

const line = '1.5';

export const codeStyle = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'transparent', color: 'var(--chatelaine-ink)' },
  '&.cm-focused': { outline: 'none' }, // the frame around it shows the focus
  '.cm-scroller': { overflow: 'auto', fontFamily: 'var(--chatelaine-font-mono)', fontVariantLigatures: 'none', lineHeight: line },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--chatelaine-ink)' },
  '.cm-line': { padding: '0 12px 0 8px' },
  '.cm-placeholder': { color: 'var(--chatelaine-muted)' },
  '.cm-cursor': { borderLeftColor: 'var(--chatelaine-ink)' },
  '.cm-gutters': { border: '0', backgroundColor: 'var(--chatelaine-mist)', color: 'var(--chatelaine-muted)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 2px 0 10px', minWidth: '28px', fontVariantNumeric: 'tabular-nums' },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0', display: 'grid', placeItems: 'center' },
  '.cm-lint-marker': { width: '9px', height: '9px' },
  '.cm-lint-marker-error': { content: 'normal', borderRadius: '50%', backgroundColor: 'var(--chatelaine-danger)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--chatelaine-mist) 60%, transparent)' },
  '&.cm-focused .cm-activeLineGutter': { color: 'var(--chatelaine-ink)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { background: 'color-mix(in srgb, var(--chatelaine-primary) 25%, transparent)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { borderRadius: '2px', backgroundColor: 'var(--chatelaine-primary-soft)', outline: '1px solid var(--chatelaine-primary)' },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--chatelaine-danger)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--chatelaine-danger)', textDecorationSkipInk: 'none', textUnderlineOffset: '3px' },
  '.cm-lintPoint-error::after': { borderBottomColor: 'var(--chatelaine-danger)' },
  '.cm-tooltip': { maxWidth: 'min(48ch, 90vw)', border: '1px solid var(--chatelaine-hairline)', borderRadius: 'var(--chatelaine-corner)', backgroundColor: 'var(--chatelaine-panel)', color: 'var(--chatelaine-ink)', boxShadow: 'var(--chatelaine-shadow)' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '0', fontFamily: 'var(--chatelaine-font)', fontSize: 'var(--chatelaine-size-13)', whiteSpace: 'pre-wrap' },
});
