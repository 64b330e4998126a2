// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { useDraft } from '../../api/draft';
import { useEnvironment } from '../../api/environment';
import { forget, resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useRight } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { SkeletonPage } from '../../ui/Skeleton';
import { RadioGroup } from '../../ui/Switch';
import { TextArea, TextField } from '../../ui/TextField';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/Toast';
import { useUnsavedGuard } from '../sign-in/guard';
import { AssistantTry } from './AssistantTry';
import { Editable } from './Editable';
import { assistantQuery } from './known';

type Assistant = components['schemas']['Assistant'];
const path = '/environments/{environment}/assistant' as const;
const defaultSecret = 'model-key';

export function AssistantPage({ environment }: { environment: string }) {
  const loaded = useQuery(assistantQuery(environment));
  if (loaded.data) return <Editor key={environment} environment={environment} loaded={loaded.data} />;
  return loaded.error ? <Page title="Greeting and model"><Problem of={loaded.error} /></Page> : <SkeletonPage />;
}

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line, at, all) => line && all.indexOf(line) === at);

/** As it is sent: nothing empty. */
function write(assistant: Assistant): Assistant {
  const written = { ...assistant, suggestions: lines((assistant.suggestions ?? []).join('\n')) };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0))) as Assistant;
}

function Editor({ environment, loaded }: { environment: string; loaded: Versioned<Assistant> }) {
  const params = { path: { environment } };
  const client = useQueryClient();
  const draft = useDraft<Assistant, Assistant>({
    loaded,
    toValue: (data) => data,
    save: (value, etag) => send(api.PUT(path, { params: { ...params, header: ifMatch(etag) }, body: write(value) })),
    reload: () => send(api.GET(path, { params })),
    queryKey: assistantQuery(environment).queryKey,
    onSaved: () => {
      toast('Saved', { description: 'A running chat takes it up within a second.' });
      void forget(client, '/environments/{environment}/config');
    },
  });
  useUnsavedGuard(draft.isDirty);
  const maySetKey = useRight('secrets', useEnvironment().productId);
  const { value, set } = draft;
  const kind = value.kind ?? 'rules';
  const number = (name: 'maxTokens' | 'timeoutSeconds') => (text: string): void => set((before) => {
    const { [name]: _old, ...rest } = before;
    return text.trim() === '' ? rest : { ...rest, [name]: /^\d+$/.test(text.trim()) ? Number(text) : text as never };
  });
  return (
    <Page title="Greeting and model" lead="Who answers, and what an empty chat shows.">
      <Form label="Greeting and model" problem={draft.problem} onSubmit={draft.save}>
        <Editable>
          <Card title="Who answers">
            <RadioGroup label="Assistant" value={kind} pointer="/kind" onChange={(next) => set({ kind: next })} options={[
              { value: 'rules', label: 'Rules', help: 'Embedded: answers from knowledge, calls tools by their trigger phrases. Needs no account anywhere.' },
              { value: 'openai', label: 'A model', help: 'Any API of the form /chat/completions, streamed, with tool calls.' },
            ]} />
          </Card>
          <Card title="An empty chat">
            <div className="stack">
              <TextArea label="Greeting" isOptional rows={3} value={value.greeting ?? ''} onChange={(greeting) => set({ greeting })} pointer="/greeting" placeholder="Hello. What can I do for you?" />
              <TextArea label="Suggestions" isOptional rows={3} value={(value.suggestions ?? []).join('\n')} onChange={(text) => set({ suggestions: text.split('\n') })} onBlur={() => set({ suggestions: lines((value.suggestions ?? []).join('\n')) })} pointer="/suggestions"
                placeholder={'What are your business hours?\nWhat is my balance?'} help="Questions to begin with, one a line. Three look best." />
              {kind === 'rules' && <TextArea label="When nothing fits" isOptional rows={3} value={value.fallback ?? ''} onChange={(fallback) => set({ fallback })} pointer="/fallback" placeholder="I can tell you our business hours and where to find us." help="Say what the assistant can do." />}
            </div>
          </Card>
          {kind === 'openai' && (
            <Card title="Model">
              <div className="stack">
                <TextField label="URL" isMono type="url" value={value.url ?? ''} onChange={(url) => set({ url: url.trim() })} pointer="/url" placeholder="https://models.example/v1" help="/chat/completions is put after it." />
                <TextField label="Model" isMono value={value.model ?? ''} onChange={(model) => set({ model })} pointer="/model" placeholder="its name there" />
                <TextField label="Secret that holds its key" isOptional isMono value={value.apiKeySecret ?? ''} onChange={(apiKeySecret) => set({ apiKeySecret })} pointer="/apiKeySecret" placeholder={defaultSecret} help="The key itself is set below, and sealed." />
                <TextArea label="Instructions" isOptional rows={6} value={value.instructions ?? ''} onChange={(instructions) => set({ instructions })} pointer="/instructions" placeholder="You are the assistant of Acme Bank. Answer briefly." help="Who the assistant is. That identity comes from the server alone is always added." />
                <TextField label="Longest answer in tokens" isOptional inputMode="numeric" value={value.maxTokens === undefined ? '' : String(value.maxTokens)} onChange={number('maxTokens')} pointer="/maxTokens" placeholder="1024" />
                <TextField label="Time limit in seconds" isOptional inputMode="numeric" value={value.timeoutSeconds === undefined ? '' : String(value.timeoutSeconds)} onChange={number('timeoutSeconds')} pointer="/timeoutSeconds" placeholder="60" />
              </div>
            </Card>
          )}
          <SaveBar draft={draft} />
        </Editable>
      </Form>
      {kind === 'openai' && maySetKey && <ModelKey environment={environment} name={value.apiKeySecret || defaultSecret} onSet={(name) => value.apiKeySecret || set({ apiKeySecret: name })} />}
      {kind === 'rules' && <AssistantTry environment={environment} />}
    </Page>
  );
}

/** The model's key: written, never read. */
function ModelKey({ environment, name, onSet }: { environment: string; name: string; onSet: (name: string) => void }) {
  const client = useQueryClient();
  const [value, setValue] = useState('');
  const secrets = useQuery(resource('/environments/{environment}/secrets', { path: { environment } }));
  const now = secrets.data?.data.items.find((one) => one.purpose === 'named' && one.name === name && one.state === 'usable');
  const put = useMutation({
    mutationFn: () => send(api.PUT('/environments/{environment}/secrets/{secret}', { params: { path: { environment, secret: name } }, body: { value: value.trim() } })),
    onSuccess: async () => {
      setValue('');
      onSet(name);
      toast('The key is sealed', { description: 'It is not shown again, anywhere.' });
      await forget(client, '/environments/{environment}/secrets');
    },
  });
  return (
    <Card kind="brass" title={<><KeyRound aria-hidden /> The model’s key</>} lead={now ? <>Set <Time at={now.createdAt} />: <code>{now.hint}</code>. Last used: <Time at={now.lastUsedAt} />.</> : 'Not set yet.'}>
      <Form label="The model’s key" problem={put.error} onSubmit={() => value.trim() && put.mutate()}>
        <TextField label={now ? 'Another key' : 'Key'} isMono type="password" autoComplete="off" value={value} onChange={setValue} pointer="/value" help={<>Sealed in the database under <code>{name}</code>. It goes to the model’s URL alone.</>} />
        <Problem of={put.error} />
        <div className="row"><Button type="submit" kind="primary" disabled={!value.trim()} isBusy={put.isPending}>{now ? 'Replace the key' : 'Set the key'}</Button></div>
      </Form>
    </Card>
  );
}
