// SPDX-License-Identifier: Apache-2.0
/** A claim mapping, by rows or as JSON, beside what it makes of a sample, as the server reckons it. */
import { ArrowLeft, ListPlus, Plus, X } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { api, send } from '../../api/client';
import { toProblem, type ApiProblem } from '../../api/problem';
import type { components } from '../../api/schema.generated';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Code } from '../../ui/Code';
import fieldStyles from '../../ui/Field.module.css';
import { parseJson } from '../../ui/json';
import { JsonEditor } from '../../ui/JsonEditor';
import { Problem } from '../../ui/Problem';
import { Tabs } from '../../ui/Tabs';
import { TextArea } from '../../ui/TextField';
import { Claims } from './claims';
import { mappingOf, newRow, pathsOf, problemOfRow, proposeRows, readMapping, rowsOf, sampleClaims, type Mapping, type Row } from './mapping';
import styles from './MappingEditor.module.css';
import { claimsOf, tokenIn } from './paste';

type Preview = components['schemas']['MappingPreview'];
type Claims = Record<string, unknown>;

interface MappingEditorProps {
  environment: string;
  value: Mapping | undefined;
  onChange: (mapping: Mapping) => void;
  permissionClaims?: readonly string[] | undefined;
  provider?: string | null;
}

/** Claims typed as JSON, or a token, of which the claims are read. */
function readSample(text: string): { claims: Claims | null; problem: string | null } {
  const fromToken = claimsOf(tokenIn(text));
  if (fromToken) return { claims: fromToken, problem: null };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { claims: value as Claims, problem: null };
    return { claims: null, problem: 'Claims are one JSON object.' };
  } catch (error) {
    return { claims: null, problem: `Neither a token nor JSON: ${(error as Error).message}.` };
  }
}

function usePreview(environment: string, claims: Claims | null, mapping: Mapping, permissionClaims: readonly string[] | undefined, provider: string | null) {
  const [preview, setPreview] = useState<Preview | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const body = JSON.stringify({ claims, mapping: Object.keys(mapping).length > 0 ? mapping : null, permissionClaims: permissionClaims?.length ? permissionClaims : null, provider });
  useEffect(() => {
    if (!claims) return undefined;
    const mine = new AbortController();
    const timer = setTimeout(() => {
      send(api.POST('/environments/{environment}/mapping/preview', { params: { path: { environment } }, body: JSON.parse(body) as never, signal: mine.signal })).then(
        ({ data }) => (setPreview(data), setProblem(null)),
        (error: unknown) => mine.signal.aborted || setProblem(toProblem(error)),
      );
    }, 120);
    return () => {
      clearTimeout(timer);
      mine.abort();
    };
  }, [environment, body]);
  return { preview, problem };
}

export function MappingEditor({ environment, value, onChange, permissionClaims, provider = null }: MappingEditorProps) {
  const [rows, setRows] = useState<Row[]>(() => rowsOf(value));
  const [view, setView] = useState<'rows' | 'json'>('rows');
  const [sample, setSample] = useState(() => JSON.stringify(sampleClaims, null, 2));
  const { claims, problem: sampleProblem } = useMemo(() => readSample(sample), [sample]);
  const mapping = value ?? {};
  const { preview, problem } = usePreview(environment, claims, mapping, permissionClaims, provider);

  // What comes from elsewhere (taken back, or theirs after a conflict) takes the rows' place.
  const known = useRef(JSON.stringify(mapping));
  useEffect(() => {
    if (JSON.stringify(mapping) === known.current) return;
    known.current = JSON.stringify(mapping);
    setRows(rowsOf(mapping));
  });
  const change = (next: Row[]) => {
    setRows(next);
    const made = mappingOf(next);
    known.current = JSON.stringify(made);
    onChange(made);
  };

  return (
    <div className={styles.editor}>
      <div className="stack">
        <Tabs
          label="How to write the mapping" value={view} onChange={setView}
          tabs={[
            { value: 'rows', label: 'Names', content: <Rows rows={rows} onChange={change} claims={claims ?? {}} /> },
            { value: 'json', label: 'JSON', content: <Json mapping={mapping} onChange={(next) => change(rowsOf(next))} /> },
          ]}
        />
        <TextArea
          label="Sample" help="Claims as JSON, or a token, of which the claims are read. It is tried on and forgotten." isMono rows={9} value={sample} onChange={setSample} error={sampleProblem}
        />
      </div>
      <div className={styles.preview}>
        <h3>What tools and the assistant see</h3>
        <Problem of={problem} />
        {preview && (
          <>
            <Code title="user" code={JSON.stringify(preview.identity, null, 2)} isWrapped />
            {preview.missing.map(({ name, from }) => (
              <p key={name} className={styles.missing}><code>{name}</code> stays away: the sample has no <code>{from}</code>.</p>
            ))}
            {preview.permissions.length > 0 && <p className={styles.permissions}><span className="muted">Permissions</span> {preview.permissions.map((one) => <Badge key={one}>{one}</Badge>)}</p>}
            <Claims title="Claims of the sample" claims={preview.claims} />
          </>
        )}
      </div>
    </div>
  );
}

function Rows({ rows, onChange, claims }: { rows: Row[]; onChange: (rows: Row[]) => void; claims: Claims }) {
  const id = useId();
  const fresh = useRef<number | null>(null);
  const replace = (row: Row, change: Partial<Row>) => onChange(rows.map((one) => (one === row ? { ...one, ...change } : one)));
  const add = () => {
    const row = newRow();
    fresh.current = row.key;
    onChange([...rows, row]);
  };
  return (
    <div className={styles.rows}>
      {rows.length === 0 ? (
        <p className="muted">No mapping: every claim is passed on under its own name, but for <code>iss sub aud exp iat nbf jti</code>. With one, tools and the assistant see what it names, and <code>sub</code>.</p>
      ) : (
        <div className={styles.head} aria-hidden><span>Tools see</span><span /><span>Claim</span></div>
      )}
      {rows.map((row, at) => {
        const wrong = problemOfRow(rows, row);
        return (
          <div key={row.key} className={styles.row}>
            <input
              className={`${fieldStyles.control} ${fieldStyles.mono}`} aria-label={`Name ${at + 1}: what tools see`} value={row.name} placeholder="tier" spellCheck={false} autoCapitalize="none"
              ref={(element) => {
                if (element && fresh.current === row.key) {
                  fresh.current = null;
                  element.focus();
                }
              }}
              onChange={(event) => replace(row, { name: event.target.value })} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? `${id}-${row.key}` : undefined}
            />
            <ArrowLeft aria-hidden className={styles.arrow} />
            <input
              className={`${fieldStyles.control} ${fieldStyles.mono}`} aria-label={`Claim ${at + 1}: where it comes from`} value={row.from} placeholder="https://acme.example/tier" spellCheck={false} autoCapitalize="none"
              list={`${id}-paths`} onChange={(event) => replace(row, { from: event.target.value })} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? `${id}-${row.key}` : undefined}
            />
            <Button kind="quiet" icon={<X aria-hidden />} aria-label={`Remove ${row.name || `row ${at + 1}`}`} onClick={() => onChange(rows.filter((one) => one !== row))} />
            {wrong && <p id={`${id}-${row.key}`} className={styles.wrong}>{wrong}</p>}
          </div>
        );
      })}
      <datalist id={`${id}-paths`}>{pathsOf(claims).map((path) => <option key={path} value={path} />)}</datalist>
      <div className="row">
        <Button size="small" icon={<Plus aria-hidden />} onClick={add}>Add a name</Button>
        {rows.length === 0 && <Button size="small" icon={<ListPlus aria-hidden />} onClick={() => onChange(proposeRows(claims))}>Begin with the sample’s claims</Button>}
      </div>
      <p className={styles.hint}>A claim by its exact name, by a dotted path (<code>account.plan</code>) or a JSON pointer (<code>/groups/0</code>).</p>
    </div>
  );
}

function Json({ mapping, onChange }: { mapping: Mapping; onChange: (mapping: Mapping) => void }) {
  const written = Object.keys(mapping).length > 0 ? JSON.stringify(mapping, null, 2) : '';
  const [text, setText] = useState(written);
  const read = readMapping(text);
  const isOurs = JSON.stringify(read.mapping ?? {}) === JSON.stringify(mapping);
  return (
    <JsonEditor
      label="Claim mapping" rows={8} value={read.problem !== null || isOurs ? text : written} error={parseJson(text) === undefined ? null : read.problem}
      placeholder={'{\n  "tier": "https://acme.example/tier"\n}'}
      onChange={(next) => {
        setText(next);
        const { mapping: made, problem } = readMapping(next);
        if (problem === null) onChange(made ?? {});
      }}
    />
  );
}
