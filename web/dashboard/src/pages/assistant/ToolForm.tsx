// SPDX-License-Identifier: Apache-2.0
import { Card } from '../../ui/Card';
import { RadioGroup } from '../../ui/Switch';
import { TextArea, TextField } from '../../ui/TextField';
import { Verdict } from '../../ui/Verdict';
import { Markdown } from './Markdown';
import { ParameterRows } from './ParameterRows';
import { hiddenRules, type ParameterTable } from './parameters';
import { errorsAt, type PlacedError, type Tool } from './tool';
import { WordsField } from './WordsField';

interface ToolFormProps {
  tool: Tool;
  table: ParameterTable | { unreadable: string };
  claims: readonly string[];
  errors: readonly PlacedError[];
  isNew: boolean;
  /** Which assistant the environment has: triggers are the rule assistant's. */
  assistant: 'rules' | 'openai';
  onChange: (tool: Tool) => void;
  onTable: (table: ParameterTable, tool: Tool) => void;
  onShowJson: () => void;
}

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line, at, all) => line && all.indexOf(line) === at);

/** A tool, field by field. */
export function ToolForm({ tool, table, claims, errors, isNew, assistant, onChange, onTable, onShowJson }: ToolFormProps) {
  const set = (changed: Partial<Tool>): void => onChange({ ...tool, ...changed });
  const error = (pointer: string): string | null => errorsAt(errors, pointer).map(({ detail }) => detail).join(' ') || null;
  const isPublic = tool.access === 'public';
  return (
    <>
      <Card title="What it is">
        <div className="stack">
          <TextField label="Name" isMono value={tool.name} onChange={(name) => set({ name })} error={error('/name')} readOnly={!isNew} placeholder="get_balance"
            help={isNew ? 'For the log and the model: letters, digits, _ and -. It cannot be changed later.' : 'For the log and the model. A tool keeps its name.'} />
          <TextField label="Title" isOptional value={tool.title ?? ''} onChange={(title) => set({ title })} error={error('/title')} placeholder="Account balance" help="For the visitor, while the tool is at work." />
          <TextArea label="Description" isOptional rows={3} value={tool.description ?? ''} onChange={(description) => set({ description })} error={error('/description')} placeholder="The balance of the visitor’s own account." help="For the model: what the tool does, and when to use it." />
          <TextField label="URL" isMono type="url" inputMode="url" value={tool.url} onChange={(url) => set({ url: url.trim() })} error={error('/url')} placeholder="https://app.example/tools/balance" help="Called by POST, signed, with the verified visitor in it." />
          <TextField label="Time limit in seconds" inputMode="numeric" isOptional value={tool.timeoutSeconds === undefined ? '' : String(tool.timeoutSeconds)} placeholder="10" error={error('/timeoutSeconds')}
            onChange={(text) => {
              const { timeoutSeconds: _old, ...rest } = tool;
              onChange(text.trim() === '' ? rest : { ...rest, timeoutSeconds: /^\d+$/.test(text.trim()) ? Number(text) : (text as never) });
            }} help="1 to 60." />
        </div>
      </Card>
      <Card title="Who may use it" lead="Checked by the server at every call, on the token of that very request. The model has no say in it.">
        <div className="stack">
          <RadioGroup label="Access" value={tool.access ?? 'sign-in'} onChange={(access) => set({ access })} pointer="/access"
            options={[
              { value: 'sign-in', label: 'Requires sign-in', help: 'Only for a verified visitor. Others are asked to sign in, and their message waits.' },
              { value: 'public', label: 'Public', help: 'For everybody, anonymous visitors too.' },
            ]} />
          {!isPublic && (
            <>
              <WordsField label="Required claims" isOptional words={tool.requiredClaims ?? []} onChange={(requiredClaims) => set({ requiredClaims })} suggestions={claims} error={error('/requiredClaims')} placeholder="accountId" help="What the visitor’s resolved identity must have." />
              <WordsField label="Permissions" isOptional words={tool.permissions ?? []} onChange={(permissions) => set({ permissions })} error={error('/permissions')} placeholder="balance:read" help="Scopes or roles in the visitor’s token, all of them." />
            </>
          )}
        </div>
      </Card>
      <Card title="Parameters" lead="What the tool takes. The model fills them in from what the visitor says, but for those that come from a claim.">
        {'unreadable' in table ? (
          <Verdict kind="warning" title="These parameters can only be edited as JSON" action={<button type="button" className="link" onClick={onShowJson}>Open the JSON view</button>}><p>{table.unreadable}</p></Verdict>
        ) : (
          <div className="stack">
            <ParameterRows table={table} tool={tool} claims={claims} errors={errors} onChange={onTable} />
            {hiddenRules(table).length > 0 && <p className="muted">The schema also has {hiddenRules(table).map((name) => <code key={name}>{name} </code>)}, in the JSON view.</p>}
          </div>
        )}
      </Card>
      <Card title="Rule assistant" lead={assistant === 'rules' ? 'When it calls the tool, and what it says with the result.' : 'This environment’s assistant is a model: it chooses tools by their description. These are for the rule assistant.'}>
        <div className="stack">
          <TextArea label="Triggers" isOptional rows={3} value={(tool.triggers ?? []).join('\n')} onChange={(text) => set({ triggers: text.split('\n') })} onBlur={() => set({ triggers: lines((tool.triggers ?? []).join('\n')) })} error={error('/triggers')}
            placeholder={'my balance\nbalance of account {account}'} help="Phrases, one a line. A parameter in braces takes what the visitor says there." />
          <TextArea label="Answer" isOptional rows={3} value={tool.answer ?? ''} onChange={(answer) => set({ answer })} error={error('/answer')} placeholder="Your balance is **{balance}**, {user.name}." help="Markdown. Braces hold members of the tool’s answer, and of user." />
          {tool.answer && <Markdown text={tool.answer} />}
        </div>
      </Card>
    </>
  );
}
