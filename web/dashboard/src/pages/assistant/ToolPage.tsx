// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { useDraft } from '../../api/draft';
import { forget, resource } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { Button } from '../../ui/Button';
import { ConfirmByName } from '../../ui/ConfirmByName';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { SkeletonPage } from '../../ui/Skeleton';
import { toast } from '../../ui/Toast';
import { useUnsavedGuard } from '../sign-in/guard';
import { useMayEdit } from './Editable';
import { ToolCalls } from './ToolCalls';
import { type ToolTab, ToolEditor } from './ToolEditor';
import { useIdempotencyKey } from './idempotency';
import { newTool, type Tool, writeTool } from './tool';
import { useAssistantKind, useKnownClaims } from './known';

type Stored = components['schemas']['Tool'];
const path = '/environments/{environment}/tools/{name}' as const;

/** One tool, saved already. */
export function ToolPage({ environment, name }: { environment: string; name: string }) {
  const loaded = useQuery(resource(path, { path: { environment, name } }));
  if (loaded.data) return <Saved key={name} environment={environment} name={name} loaded={loaded.data} />;
  return loaded.error ? <Page title={name}><Problem of={loaded.error} /></Page> : <SkeletonPage />;
}

function Saved({ environment, name, loaded }: { environment: string; name: string; loaded: Versioned<Stored> }) {
  const client = useQueryClient();
  const [tab, setTab] = useState<ToolTab>('form');
  const params = { path: { environment, name } };
  const draft = useDraft<Stored, Tool>({
    loaded,
    toValue: (stored) => stored.document as unknown as Tool,
    save: (tool, etag) => send(api.PUT(path, { params: { ...params, header: ifMatch(etag) }, body: writeTool(tool) as never })),
    reload: () => send(api.GET(path, { params })),
    queryKey: resource(path, params).queryKey,
    onSaved: () => {
      toast('Saved', { description: 'A running chat takes it up within a second.' });
      void forget(client, '/environments/{environment}/tools');
    },
  });
  useUnsavedGuard(draft.isDirty);
  const tool = draft.value;
  return (
    <Page title={tool.title || name} lead={tool.description || undefined} actions={useMayEdit() ? <DeleteTool environment={environment} name={name} etag={loaded.etag} /> : undefined}>
      <ToolEditor environment={environment} tool={tool} onChange={(next) => draft.set(() => next)} isNew={false} claims={useKnownClaims(environment)} assistant={useAssistantKind(environment)}
        refused={draft.problem?.errors ?? []} tab={tab} onTab={setTab} calls={<ToolCalls environment={environment} tool={name} />}
        footer={(canSave) => <Form problem={draft.problem} label="Save" onSubmit={() => canSave && draft.save()}><SaveBar draft={draft} /></Form>} />
    </Page>
  );
}

/** A tool that is not there yet. */
export function NewToolPage({ environment }: { environment: string }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const idempotencyKey = useIdempotencyKey();
  const [tool, setTool] = useState(newTool);
  const [tab, setTab] = useState<ToolTab>('form');
  const create = useMutation({
    mutationFn: () => send(api.POST('/environments/{environment}/tools', { params: { path: { environment }, header: idempotencyKey(writeTool(tool)) }, body: writeTool(tool) as never })),
    onSuccess: async ({ data }) => {
      await forget(client, '/environments/{environment}/tools');
      toast('Tool created', { description: 'Try it with a visitor’s token before you tell anybody.' });
      void navigate({ to: '/e/$environment/tools/$name', params: { environment, name: data.name } });
    },
  });
  const isComplete = tool.name !== '' && tool.url !== '';
  return (
    <Page title="New tool" lead="One URL of yours that the assistant may call, and who may make it do so.">
      <ToolEditor environment={environment} tool={tool} onChange={setTool} isNew claims={useKnownClaims(environment)} assistant={useAssistantKind(environment)} refused={create.error?.errors ?? []} tab={tab} onTab={setTab}
        footer={(canSave) => (
          <Form label="Create" problem={create.error} onSubmit={() => canSave && isComplete && create.mutate()}>
            <Problem of={create.error} />
            <div className="row">
              <Button type="submit" kind="primary" disabled={!canSave || !isComplete} isBusy={create.isPending}>Create tool</Button>
              {!isComplete && <span className="muted">It needs a name and a URL.</span>}
            </div>
          </Form>
        )} />
    </Page>
  );
}

function DeleteTool({ environment, name, etag }: { environment: string; name: string; etag: string | null }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const remove = useMutation({
    mutationFn: () => send(api.DELETE(path, { params: { path: { environment, name }, header: ifMatch(etag) } })),
    onSuccess: async () => {
      toast(`The tool ${name} is deleted`);
      await navigate({ to: '/e/$environment/tools', params: { environment } });
      await forget(client, '/environments/{environment}/tools');
    },
  });
  return (
    <>
      <Button kind="danger" icon={<Trash2 aria-hidden />} onClick={() => setIsOpen(true)}>Delete</Button>
      <ConfirmByName isOpen={isOpen} onClose={() => setIsOpen(false)} title="Delete this tool?" name={name} verb="Delete tool" onConfirm={() => remove.mutate()} isBusy={remove.isPending} problem={remove.error}>
        <p>The assistant can no longer call it, from the next message on. Its calls stay in the audit log.</p>
      </ConfirmByName>
    </>
  );
}
