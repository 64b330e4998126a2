// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { useDraft } from '../../api/draft';
import { forget, resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Dialog, DialogButtons } from '../../ui/Dialog';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { SkeletonPage } from '../../ui/Skeleton';
import { TextArea, TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import { useUnsavedGuard } from '../sign-in/guard';
import { AssistantTry } from './AssistantTry';
import { Editable, useMayEdit } from './Editable';
import { useIdempotencyKey } from './idempotency';
import { useAssistantKind } from './known';
import { Markdown } from './Markdown';
import styles from './knowledge.module.css';

type Stored = components['schemas']['Knowledge'];
type Snippet = components['schemas']['KnowledgeDocument'];
const path = '/environments/{environment}/knowledge/{id}' as const;

/** One snippet, saved already. */
export function KnowledgeSnippetPage({ environment, id }: { environment: string; id: string }) {
  const loaded = useQuery(resource(path, { path: { environment, id } }));
  if (loaded.data) return <Saved key={id} environment={environment} id={id} loaded={loaded.data} />;
  return loaded.error ? <Page title={id}><Problem of={loaded.error} /></Page> : <SkeletonPage />;
}

function Saved({ environment, id, loaded }: { environment: string; id: string; loaded: Versioned<Stored> }) {
  const client = useQueryClient();
  const kind = useAssistantKind(environment);
  const params = { path: { environment, id } };
  const draft = useDraft<Stored, Snippet>({
    loaded,
    toValue: (stored) => stored.document,
    save: (snippet, etag) => send(api.PUT(path, { params: { ...params, header: ifMatch(etag) }, body: write(snippet) })),
    reload: () => send(api.GET(path, { params })),
    queryKey: resource(path, params).queryKey,
    onSaved: () => {
      toast('Saved', { description: 'A running chat takes it up within a second.' });
      void forget(client, '/environments/{environment}/knowledge');
    },
  });
  useUnsavedGuard(draft.isDirty);
  return (
    <Page title={draft.value.title || id} isWide actions={useMayEdit() ? <Delete environment={environment} id={id} etag={loaded.etag} /> : undefined}>
      <Form label="Snippet" problem={draft.problem} onSubmit={draft.save}>
        <Editable>
          <SnippetForm snippet={draft.value} onChange={draft.set} isNew={false} />
          <SaveBar draft={draft} />
        </Editable>
      </Form>
      {kind === 'rules' && <AssistantTry environment={environment} />}
    </Page>
  );
}

/** A snippet that is not there yet. */
export function NewKnowledgePage({ environment }: { environment: string }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const idempotencyKey = useIdempotencyKey();
  const [snippet, setSnippet] = useState<Snippet>({ id: '', title: '', triggers: [], text: '' });
  const create = useMutation({
    mutationFn: () => send(api.POST('/environments/{environment}/knowledge', { params: { path: { environment }, header: idempotencyKey(write(snippet)) }, body: write(snippet) })),
    onSuccess: async ({ data }) => {
      await forget(client, '/environments/{environment}/knowledge');
      toast('Snippet created');
      void navigate({ to: '/e/$environment/knowledge/$id', params: { environment, id: data.id } });
    },
  });
  return (
    <Page title="New snippet" isWide lead="One answer, and the phrases that ask for it.">
      <Form label="New snippet" problem={create.error} onSubmit={() => create.mutate()}>
        <Editable>
          <SnippetForm snippet={snippet} onChange={(changed) => setSnippet({ ...snippet, ...changed })} isNew />
          <Problem of={create.error} />
          <div className="row"><Button type="submit" kind="primary" isBusy={create.isPending}>Create snippet</Button></div>
        </Editable>
      </Form>
    </Page>
  );
}

const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line, at, all) => line && all.indexOf(line) === at);
const write = (snippet: Snippet): Snippet => ({ ...snippet, title: snippet.title.trim(), triggers: lines(snippet.triggers.join('\n')) });
/** "Business hours" → "business-hours": an id to begin with. */
const idFrom = (title: string): string => title.toLowerCase().normalize('NFD').replace(/[^a-z\d]+/g, '-').replace(/^-|-$/g, '').slice(0, 64);

function SnippetForm({ snippet, onChange, isNew }: { snippet: Snippet; onChange: (changed: Partial<Snippet>) => void; isNew: boolean }): ReactNode {
  const isIdOwn = snippet.id !== idFrom(snippet.title);
  return (
    <>
      <Card>
        <div className="stack">
          <TextField label="Title" value={snippet.title} pointer="/title" placeholder="Business hours" onChange={(title) => onChange({ title, ...(isNew && !isIdOwn ? { id: idFrom(title) } : {}) })} />
          {isNew && <TextField label="Id" isMono value={snippet.id} pointer="/id" placeholder="hours" onChange={(id) => onChange({ id })} help="For the log and the configuration file. It stays." />}
          <TextArea label="Triggers" rows={4} value={snippet.triggers.join('\n')} pointer="/triggers" placeholder={'opening hours\nwhen are you open'} onChange={(text) => onChange({ triggers: text.split('\n') })} onBlur={() => onChange({ triggers: lines(snippet.triggers.join('\n')) })}
            help="What visitors say when they want this, one phrase a line. Case, accents and small words do not matter." />
        </div>
      </Card>
      <Card>
        <div className={styles.sides}>
          <TextArea label="Text" rows={14} value={snippet.text} pointer="/text" placeholder={'We are open **Monday to Friday**.\n\n| Day | Hours |\n|---|---|\n| Monday | 9 to 17 |'} onChange={(text) => onChange({ text })} help="Markdown: **bold**, lists, tables, links. HTML is shown as text." />
          <div className={styles.preview}>
            <span>As the chat shows it</span>
            <div>{snippet.text ? <Markdown text={snippet.text} /> : <p className="muted">Nothing written yet.</p>}</div>
          </div>
        </div>
      </Card>
    </>
  );
}

function Delete({ environment, id, etag }: { environment: string; id: string; etag: string | null }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => send(api.DELETE(path, { params: { path: { environment, id }, header: ifMatch(etag) } })),
    onSuccess: async () => {
      toast(`The snippet ${id} is deleted`);
      await navigate({ to: '/e/$environment/knowledge', params: { environment } });
      await forget(client, '/environments/{environment}/knowledge');
    },
  });
  return (
    <>
      <Button kind="danger" icon={<Trash2 aria-hidden />} onClick={() => setIsOpen(true)}>Delete</Button>
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title="Delete this snippet?">
        <div className="stack"><p>The assistant no longer answers with it, from the next message on. What it has said stays in the conversations.</p><Problem of={remove.error} /></div>
        <DialogButtons>
          <Button onClick={() => setIsOpen(false)}>Keep it</Button>
          <Button kind="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>Delete</Button>
        </DialogButtons>
      </Dialog>
    </>
  );
}
