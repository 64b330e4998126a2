// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { languages, secretVariable, signingSnippet, type Language, type Snippet } from '../../snippets/sign';
import { Code } from '../../ui/Code';
import { Tabs } from '../../ui/Tabs';
import type { Issuer } from './issuer';

/** A snippet with where it goes and what it needs. */
export function SnippetView({ snippet }: { snippet: Snippet }) {
  return (
    <div className="stack">
      {snippet.install && (snippet.install.startsWith('Maven') ? <p className="muted">{snippet.install}</p> : <Code title="Install" code={snippet.install} />)}
      <Code title={snippet.file} code={snippet.code} />
    </div>
  );
}

/** Some snippets of which one is for the reader. */
export function SnippetTabs({ label, snippets }: { label: string; snippets: readonly Snippet[] }) {
  const [chosen, setChosen] = useState(snippets[0]?.id ?? '');
  return <Tabs label={label} value={chosen} onChange={setChosen} tabs={snippets.map((snippet) => ({ value: snippet.id, label: snippet.label, content: <SnippetView snippet={snippet} /> }))} />;
}

const kept = 'chatelaine.language';

/** The code that signs, in the reader's language; it asks for what the issuer's settings demand. */
export function SigningCode({ issuer }: { issuer: Issuer | null }) {
  const [language, setLanguage] = useState<Language>(() => {
    const before = localStorage.getItem(kept);
    return languages.find((one) => one === before) ?? 'node';
  });
  const context = { issuer: issuer?.issuer ?? null, audience: issuer?.audiences?.[0] ?? null };
  return (
    <>
      <p>
        The secret stands in <code>{secretVariable}</code> of your backend’s environment and never in a page. A route of yours, such as <code>POST /chat-token</code>, answers whoever is signed in there with
        {' '}<code>{'{"token": …}'}</code>, and everybody else with 401.
      </p>
      <Tabs
        label="Language" value={language}
        onChange={(next) => {
          localStorage.setItem(kept, next);
          setLanguage(next);
        }}
        tabs={languages.map((one) => {
          const snippet = signingSnippet(one, context);
          return { value: one, label: snippet.label, content: <SnippetView snippet={snippet} /> };
        })}
      />
    </>
  );
}
