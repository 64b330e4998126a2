// SPDX-License-Identifier: Apache-2.0
import { Check, CircleAlert, CircleDashed, KeyRound, Wrench } from 'lucide-react';
import type { components } from '../../api/schema.generated';
import { Time } from '../../ui/Time';
import { Markdown } from '../assistant/Markdown';
import styles from './Transcript.module.css';

export type Message = components['schemas']['Message'];

const outcomes = { ok: 'Used', refused: 'Refused', failed: 'Failed' } as const;

/** A conversation as the chat shows it, with what the chat does not say: of every message whether its writer was proven. */
export function Transcript({ messages }: { messages: readonly Message[] }) {
  if (messages.length === 0) return <p className="muted">There is no message in it.</p>;
  return <ol className={styles.transcript}>{messages.map((message) => <li key={message.id} className={styles[message.role === 'visitor' ? 'visitor' : 'assistant']}><One message={message} /></li>)}</ol>;
}

function One({ message }: { message: Message }) {
  if (message.role === 'tool-result') {
    return (
      <details className={styles.result}>
        <summary>What the tool told the assistant</summary>
        <pre tabIndex={0} aria-label="What the tool told the assistant">{pretty(message.text)}</pre>
      </details>
    );
  }
  if (message.role === 'assistant') {
    return (
      <>
        <span className="visually-hidden">Assistant</span>
        {message.tools.map((tool, at) => (
          <p key={`${tool.name}-${at}`} className={styles.tool} data-outcome={tool.outcome}>
            <Wrench aria-hidden /> {outcomes[tool.outcome]}: {tool.title || tool.name} <code>{tool.name}</code> {tool.outcome === 'ok' ? <Check aria-hidden /> : <CircleAlert aria-hidden />}
          </p>
        ))}
        {message.text && <Markdown text={message.text} />}
        <p className={styles.fate}>
          {message.stopped && 'Stopped by the visitor. '}{message.failed && 'The answer failed. '}<Time at={message.createdAt} />
        </p>
      </>
    );
  }
  return (
    <>
      <span className="visually-hidden">Visitor</span>
      <p className={styles.bubble} dir="auto">{message.text}</p>
      <p className={styles.fate}>
        {message.subject
          ? <span className={styles.verified}><KeyRound aria-hidden /> verified: {message.subject}{message.issuer && ` (${message.issuer})`}</span>
          : <span className={styles.anonymous}><CircleDashed aria-hidden /> anonymous</span>}
        {message.refused && <span className={styles.failed}>token refused: <code>{message.refused}</code></span>}
        {message.state === 'waiting' && <span>waits for a sign-in</span>}
        {message.state === 'failed' && <span className={styles.failed}>not answered</span>}
        <Time at={message.createdAt} />
      </p>
    </>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
