// SPDX-License-Identifier: Apache-2.0
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, send } from '../../api/client';
import type { components } from '../../api/schema.generated';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { TextArea, TextField } from '../../ui/TextField';
import { Verdict } from '../../ui/Verdict';
import { Markdown } from './Markdown';
import styles from './knowledge.module.css';

type Answer = components['schemas']['AssistantTry'];

/** What the rule assistant would answer to a question, and why. Nothing is called. */
export function AssistantTry({ environment }: { environment: string }) {
  const [text, setText] = useState('');
  const [token, setToken] = useState('');
  const [isAsVisitor, setIsAsVisitor] = useState(false);
  const attempt = useMutation({
    mutationFn: async () => (await send(api.POST('/environments/{environment}/assistant/try', { params: { path: { environment } }, body: { text: text.trim(), token: token.trim() || null } }))).data,
  });
  return (
    <Card title="What would the assistant answer?" lead="As it is saved now. Nothing is called, and nobody sees it.">
      <div className="stack">
        <Form label="Ask the assistant" problem={attempt.error} onSubmit={() => text.trim() && attempt.mutate()}>
          <div className={styles.ask}>
            <TextField label="A visitor asks" value={text} onChange={setText} placeholder="When are you open?" autoComplete="off" />
            <Button kind="primary" type="submit" disabled={!text.trim()} isBusy={attempt.isPending}>Ask</Button>
          </div>
          {isAsVisitor
            ? <TextArea label="Token" isOptional isMono rows={3} value={token} onChange={setToken} placeholder="eyJ…" help="Whose: for tools that require a sign-in. It is not kept." />
            : <div><Button kind="quiet" size="small" onClick={() => setIsAsVisitor(true)}>Ask as somebody who is signed in</Button></div>}
          <Problem of={attempt.error} />
        </Form>
        {attempt.data && <Outcome environment={environment} answer={attempt.data} />}
      </div>
    </Card>
  );
}

function Outcome({ environment, answer }: { environment: string; answer: Answer }) {
  const { kind, knowledge, tool, gate, text, candidates } = answer;
  return (
    <>
      <Verdict kind={kind === 'fallback' ? 'warning' : 'good'}
        title={kind === 'knowledge' ? 'It answers from knowledge' : kind === 'tool' ? 'It calls a tool' : kind === 'small-talk' ? 'It makes small talk' : 'Nothing fits: it says so'}>
        {knowledge && <p>Snippet <Link to="/e/$environment/knowledge/$id" params={{ environment, id: knowledge }}>{knowledge}</Link></p>}
        {tool && <p>Tool <Link to="/e/$environment/tools/$name" params={{ environment, name: tool }}>{tool}</Link></p>}
      </Verdict>
      {gate && <Verdict kind={gate.allowed ? 'good' : 'bad'} title={gate.allowed ? 'The gate lets it through' : 'The gate refuses it'} code={gate.reason}><p>{gate.sentence}</p></Verdict>}
      {tool && answer.arguments && Object.keys(answer.arguments).length > 0 && <Code title="Arguments from the question" code={JSON.stringify(answer.arguments, null, 2)} />}
      {text && <div className={styles.preview}><span>It says</span><div><Markdown text={text} /></div></div>}
      {candidates.length > 0 && (
        <section className="stack">
          <h3>What was weighed</h3>
          <ol className={styles.candidates}>
            {candidates.map((one) => (
              <li key={`${one.kind}/${one.id}`}>
                <code>{one.id}</code> {one.title} <span className="muted">{one.trigger ? <>because of <q>{one.trigger}</q></> : 'by the words they share'}, weight {one.score}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}
