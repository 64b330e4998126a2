// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { patchBlocks, renderMarkdown } from '../../../../widget/src/chat/markdown';
import styles from './Markdown.module.css';

const words: Record<string, string> = { table: 'Table', code: 'Code', image: 'Picture' };

export default function MarkdownProse({ text }: { text: string }) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current) patchBlocks(frame.current, renderMarkdown(text, (key) => words[key] ?? key));
  }, [text]);
  return <div ref={frame} className={styles.prose} />;
}
