// SPDX-License-Identifier: Apache-2.0
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { api, send } from '../../api/client';
import type { components } from '../../api/schema.generated';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { Select } from '../../ui/Select';
import { TextArea, TextField } from '../../ui/TextField';
import { Verdict } from '../../ui/Verdict';
import { readArguments, type Typed } from './arguments';
import { Markdown } from './Markdown';
import { type ParameterRow, readParameters } from './parameters';
import { type Tool, writeTool } from './tool';
import styles from './ToolTry.module.css';

type Answer = components['schemas']['ToolTry'];

/** Tries the tool, saved or not, as the visitor of a token: what the gate says, what would be sent, and, when it is called, what came back. */
export function ToolTry({ environment, tool }: { environment: string; tool: Tool }) {
  const [token, setToken] = useState('');
  const [typed, setTyped] = useState<Typed>({});
  const [wasRun, setWasRun] = useState(false);
  const table = readParameters(tool.parameters ?? { type: 'object' });
  const rows = 'unreadable' in table ? [] : table.rows;
  const given = readArguments(rows, typed);
  const attempt = useMutation({
    mutationFn: async (run: boolean) => {
      setWasRun(run);
      const { data } = await send(api.POST('/environments/{environment}/tools/{name}/try', {
        params: { path: { environment, name: tool.name } },
        body: { token: token.trim() || null, arguments: given.value as never, run, draft: writeTool(tool) as never },
      }));
      return data;
    },
  });
  const isReady = tool.name !== '' && tool.url !== '' && given.problems.length === 0;

  return (
    <div className="stack">
      <Card title="Try it as a visitor" lead="With a token of theirs, or without one as an anonymous visitor. The tool is tried as it stands here, saved or not."
        footer={<div className="row">
          <Button kind="primary" disabled={!isReady} isBusy={attempt.isPending && !wasRun} onClick={() => attempt.mutate(false)}>Check</Button>
          <Button disabled={!isReady} isBusy={attempt.isPending && wasRun} onClick={() => attempt.mutate(true)}>Call the tool</Button>
          <span className="muted">“Call” really calls it, as this visitor.</span>
        </div>}>
        <Form label="Try it" onSubmit={() => isReady && attempt.mutate(false)}>
          <TextArea label="Token" isOptional isMono rows={3} value={token} onChange={setToken} placeholder="eyJ…" help="Sign in to your app and take it from there. It is verified, used for this one try, and not kept." />
          {rows.map((row) => <ArgumentField key={row.key} row={row} claim={tool.access === 'public' ? undefined : tool.bind?.[row.name]} value={typed[row.name] ?? ''}
            error={given.problems.find(({ name }) => name === row.name)?.message ?? null} onChange={(value) => setTyped({ ...typed, [row.name]: value })} />)}
          <Problem of={attempt.error} />
        </Form>
      </Card>
      {attempt.data && <Outcome answer={attempt.data} wasRun={wasRun} tool={tool} />}
    </div>
  );
}

interface ArgumentFieldProps {
  row: ParameterRow;
  claim: string | undefined;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}

function ArgumentField({ row, claim, value, error, onChange }: ArgumentFieldProps) {
  const help = claim === undefined ? row.description || undefined : `Bound to claim ${claim}: whatever stands here is dropped, as if a prompt had tried it.`;
  const label = claim === undefined ? row.name : <>{row.name} <Badge kind="brass" icon={<KeyRound aria-hidden />}>bound</Badge></>;
  const shared = { label, help, error, isOptional: !row.isRequired || claim !== undefined, value };
  if (row.type === 'boolean') return <Select {...shared} onChange={onChange} options={[{ value: '', label: 'not given' }, { value: 'true', label: 'yes' }, { value: 'false', label: 'no' }]} />;
  if (row.values.length > 0) return <Select {...shared} onChange={onChange} options={[{ value: '', label: 'not given' }, ...row.values.map((one) => ({ value: one, label: one }))]} />;
  if (row.type === null) return <TextArea {...shared} isMono rows={2} placeholder="JSON" onChange={onChange} />;
  return <TextField {...shared} inputMode={row.type === 'string' ? undefined : 'decimal'} onChange={onChange} />;
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

function Outcome({ answer, wasRun, tool }: { answer: Answer; wasRun: boolean; tool: Tool }) {
  const { verdict, gate, argumentsProblem, user } = answer;
  return (
    <>
      <Card title="The gate">
        <div className="stack">
          {verdict && !verdict.verified && (
            <Verdict kind="bad" title="The token is not good: the visitor is anonymous" code={verdict.reason}>
              <p>{verdict.message}</p>
              {verdict.fix && <p>{verdict.fix}</p>}
            </Verdict>
          )}
          <Verdict kind={gate.allowed ? 'good' : 'bad'} title={gate.allowed ? 'Allowed' : 'Refused'} code={gate.reason}>
            <p>{gate.sentence}</p>
            {gate.reason === 'sign-in-required' && <p>In the chat, the visitor is asked to sign in, and the message waits.</p>}
          </Verdict>
          {gate.allowed && argumentsProblem && (
            <Verdict kind="bad" title="The arguments do not fit" code={argumentsProblem.reason}><p>{argumentsProblem.sentence}</p></Verdict>
          )}
          {user && <Code title="As this visitor" code={pretty(user)} />}
        </div>
      </Card>
      <Card title="Arguments" lead="What the tool gets. What is bound comes from the token; no prompt can change it.">
        {answer.arguments.length === 0 ? <p className="muted">None.</p> : (
          <div className={styles.scroll} tabIndex={0} role="group" aria-label="Arguments">
            <table className={styles.arguments}>
              <thead><tr><th scope="col">Parameter</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
              <tbody>
                {answer.arguments.map((one) => (
                  <tr key={one.name}>
                    <th scope="row"><code>{one.name}</code></th>
                    <td><code>{JSON.stringify(one.value)}</code></td>
                    <td>
                      {one.source === 'claim' ? <Badge kind="brass" icon={<KeyRound aria-hidden />}>claim {one.claim}</Badge> : <Badge>as given</Badge>}
                      {one.dropped !== null && one.dropped !== undefined && <span className={styles.dropped}> dropped: <code>{JSON.stringify(one.dropped)}</code></span>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Card>
      {answer.answer && (
        <Card title="What came back" actions={<Badge kind={answer.answer.outcome === 'ok' ? 'good' : 'danger'}>{answer.durationMs === null ? answer.answer.outcome : `${answer.answer.outcome}, ${Math.round(answer.durationMs)} ms`}</Badge>}>
          <div className="stack">
            {answer.answer.outcome !== 'ok' && (
              <Verdict kind="bad" title={answer.answer.status === null ? 'No answer' : `Answered ${answer.answer.status}`} code={answer.answer.outcome}><p>{answer.answer.sentence}</p></Verdict>
            )}
            {answer.answer.text && <Code title={answer.answer.status === null ? 'Answer' : `Answer, ${answer.answer.status}`} code={answer.answer.result === null || answer.answer.result === undefined ? answer.answer.text : pretty(answer.answer.result)} isWrapped />}
            {answer.answer.shown && (
              <figure className={styles.shown}>
                <figcaption className="muted">The rule assistant says</figcaption>
                <Markdown text={answer.answer.shown} />
              </figure>
            )}
          </div>
        </Card>
      )}
      <Card title="What the model sees" lead={tool.bind && Object.keys(tool.bind).length > 0 && tool.access !== 'public' ? 'Without the bound parameters: for the model they do not exist.' : undefined}>
        <Code title="Tool, as the model is offered it" code={pretty(answer.modelSees)} />
      </Card>
      {answer.request && (
        <Card title={wasRun ? 'What was sent' : 'What would be sent'} lead="Signed in the form of Standard Webhooks; the secret is not shown.">
          <div className="stack">
            <Code title="Head" code={[`${answer.request.method} ${answer.request.url}`, ...answer.request.headers.map(({ name, value }) => `${name}: ${value}`)].join('\n')} isWrapped />
            <Code title="Body" code={pretty(answer.request.body)} />
          </div>
        </Card>
      )}
    </>
  );
}
