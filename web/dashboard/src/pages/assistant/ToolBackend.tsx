// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, send } from '../../api/client';
import { useEnvironment } from '../../api/environment';
import { forget, resource } from '../../api/resource';
import { useRight } from '../../api/session';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { Problem } from '../../ui/Problem';
import { SecretOnce } from '../../ui/SecretOnce';
import { Tabs } from '../../ui/Tabs';
import { Time } from '../../ui/Time';
import { toolSecretVariable, toolSnippets } from './tool-snippets';

/** How a tool's backend knows that a call is from here: the secret, and the few lines that verify a signature. */
export function ToolBackend({ environment, path = '/tools/balance' }: { environment: string; path?: string }) {
  const snippets = toolSnippets(path);
  const [language, setLanguage] = useState('node');
  return (
    <Card title="In your tool’s backend" lead="Every call is signed in the form of Standard Webhooks. Verify it first; then user is the verified visitor, and bound arguments are theirs.">
      <div className="stack">
        <SigningSecret environment={environment} />
        <Tabs label="Language" value={language} onChange={setLanguage} tabs={snippets.map(({ id, label, file, install, code }) => ({
          value: id, label,
          content: (
            <div className="stack">
              {install && <Code title="Install" code={install} />}
              <Code title={file} code={code} />
            </div>
          ),
        }))} />
      </div>
    </Card>
  );
}

function SigningSecret({ environment }: { environment: string }) {
  const client = useQueryClient();
  const mayMake = useRight('secrets', useEnvironment().productId);
  const [shown, setShown] = useState<string | null>(null);
  const { data } = useQuery(resource('/environments/{environment}/secrets', { path: { environment } }));
  const secrets = (data?.data.items ?? []).filter((one) => one.purpose === 'tool-signing' && (one.state === 'usable' || one.state === 'ending'));
  const make = useMutation({
    mutationFn: () => send(api.POST('/environments/{environment}/secrets', { params: { path: { environment } }, body: { purpose: 'tool-signing', name: 'tools' } })),
    onSuccess: ({ data: made }) => {
      setShown(made.secret);
      return forget(client, '/environments/{environment}/secrets');
    },
  });
  if (shown) return <SecretOnce title="Signing secret of your tools" secret={shown} onStored={() => setShown(null)}>Put it into <code>{toolSecretVariable}</code> of the backend that answers the tools.</SecretOnce>;
  const [newest] = secrets;
  return (
    <>
      <Problem of={make.error} />
      {newest ? (
        <p className="muted">Calls are signed with the secret <code>{newest.hint}</code>, made <Time at={newest.createdAt} />. It was shown once, then.</p>
      ) : data && (
        <div className="row">
          <span>There is no signing secret yet, so no tool can be called.</span>
          {mayMake && <Button kind="primary" isBusy={make.isPending} onClick={() => make.mutate()}>Generate the secret</Button>}
        </div>
      )}
    </>
  );
}
