// SPDX-License-Identifier: Apache-2.0
import { later } from '../../ui/later';
import styles from './Markdown.module.css';

/** Text as the chat shows it: the same renderer, the same walls around it. As it was written, until the renderer is there. */
export const Markdown = later<{ text: string }>(() => import('./MarkdownProse'), ({ text }) => <div className={`${styles.prose} ${styles.source}`}>{text}</div>);
