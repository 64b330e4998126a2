// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Download, Upload } from 'lucide-react';
import { useId, useState } from 'react';
import { api, ifMatch, send } from '../../api/client';
import { useEnvironment } from '../../api/environment';
import { forget } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { useRight } from '../../api/session';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { inWords } from '../../ui/difference';
import { parseJson } from '../../ui/json';
import { JsonEditor } from '../../ui/JsonEditor';
import { Form } from '../../ui/form';
import { Problem } from '../../ui/Problem';
import { plural } from '../../ui/time';
import { toast } from '../../ui/Toast';
import { Verdict } from '../../ui/Verdict';
import { documentQuery } from './environment-queries';
import styles from './environment.module.css';

type Applied = components['schemas']['Applied'];
type Change = components['schemas']['Change'];

/** The whole environment as one file: to read, to keep under version control, and to bring back with a look at what would change. */
export function ConfigurationFile() {
  const { id, productName, name, productId } = useEnvironment();
  const { data } = useSuspenseQuery(documentQuery(id)).data;
  const text = JSON.stringify(data, null, 2);
  const file = `${productName}.${name}.json`;
  const download = () => {
    const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'application/json' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  const mayConfigure = useRight('configure', productId);
  return (
    <>
      <Card title="Export" lead="Everything but secrets, which it names only. Keep it in your repository; chatelaine apply -f brings it back."
        actions={<Button size="small" icon={<Download aria-hidden />} onClick={download}>Download</Button>}>
        <Code title={file} code={text} />
      </Card>
      {mayConfigure && <Import environment={id} />}
    </>
  );
}

function Import({ environment }: { environment: string }) {
  const client = useQueryClient();
  const picker = useId();
  const [text, setText] = useState('');
  const params = { path: { environment } };
  const document = parseJson(text) as components['schemas']['Document'] | undefined;
  const preview = useMutation({
    mutationFn: async () => {
      const { etag } = await send(api.GET('/environments/{environment}/document', { params }));
      return send(api.PUT('/environments/{environment}/document', { params: { ...params, query: { dryRun: true }, header: ifMatch(etag) }, body: document! })).then(({ data }) => ({ applied: data, etag }));
    },
  });
  const apply = useMutation({
    // The version that was previewed: what came meanwhile is not overwritten unseen.
    mutationFn: () => send(api.PUT('/environments/{environment}/document', { params: { ...params, header: ifMatch(preview.data?.etag ?? null) }, body: document! })),
    onSuccess: ({ data }) => {
      void forget(client, '/environments/{environment}');
      preview.reset();
      setText('');
      toast(`Applied: ${plural(data.changes.length, 'change')}`);
    },
  });
  const write = (fresh: string) => {
    setText(fresh);
    preview.reset();
    apply.reset();
  };
  const problem = apply.error ?? preview.error;
  return (
    <Card title="Import" lead="Paste a file or choose one, see what would change, then apply it: all of it or nothing."
      actions={<>
        <input id={picker} type="file" accept="application/json,.json" hidden onChange={async (event) => {
          const chosen = event.currentTarget.files?.[0];
          if (chosen) write(await chosen.text());
          event.target.value = '';
        }} />
        <Button size="small" icon={<Upload aria-hidden />} onClick={() => window.document.getElementById(picker)?.click()}>Choose a file</Button>
      </>}>
      <Form problem={problem} onSubmit={() => document !== undefined && preview.mutate()}>
        <JsonEditor label="The file" value={text} onChange={write} rows={10} />
        <Problem of={problem} action={apply.error?.code === 'changed-meanwhile' && <Button size="small" onClick={() => (apply.reset(), preview.mutate())}>Look again at what would change</Button>} />
        {preview.data && <Changes applied={preview.data.applied} />}
        <div className="row">
          {preview.data && preview.data.applied.changes.length > 0
            ? <Button kind="primary" onClick={() => apply.mutate()} isBusy={apply.isPending}>Apply {plural(preview.data.applied.changes.length, 'change')}</Button>
            : <Button type="submit" disabled={document === undefined} isBusy={preview.isPending}>See what would change</Button>}
        </div>
      </Form>
    </Card>
  );
}

const words: Record<Change['op'], { word: string; kind: 'good' | 'brass' | 'danger' }> = {
  add: { word: 'added', kind: 'good' }, change: { word: 'changed', kind: 'brass' }, remove: { word: 'removed', kind: 'danger' },
};

function Changes({ applied }: { applied: Applied }) {
  if (applied.changes.length === 0) return <Verdict kind="good" title="Nothing would change">The environment is what the file says.</Verdict>;
  return (
    <div className="stack" role="status">
      <h3>{plural(applied.changes.length, 'change')}</h3>
      <ul className={styles.changes}>
        {applied.changes.map((change) => (
          <li key={`${change.op} ${change.what} ${change.pointer}`}>
            <span><Badge kind={words[change.op].kind}>{words[change.op].word}</Badge></span>
            <span className={styles.change}>
              <span>{change.what} <code className="muted">{change.pointer}</code></span>
              {change.before !== null && change.before !== undefined && <del><code>{inWords(change.before)}</code></del>}
              {change.after !== null && change.after !== undefined && <ins><code>{inWords(change.after)}</code></ins>}
            </span>
          </li>
        ))}
      </ul>
      {applied.missingSecrets.length > 0 && (
        <Verdict kind="warning" title="Secrets are missing">The file refers to {applied.missingSecrets.map(({ purpose, name }) => `${name} (${purpose})`).join(', ')}, which this environment has not. Make them after applying.</Verdict>
      )}
    </div>
  );
}
