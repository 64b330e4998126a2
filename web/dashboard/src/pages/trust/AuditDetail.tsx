// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, send } from '../../api/client';
import { Code, InlineCode } from '../../ui/Code';
import { CopyButton } from '../../ui/CopyButton';
import { Dialog } from '../../ui/Dialog';
import { Difference } from '../../ui/Difference';
import { Problem } from '../../ui/Problem';
import { exactTime, timeInWords } from '../../ui/time';
import { type AuditRow, Outcome, Who } from './AuditTable';
import { momentOf } from './tail';
import styles from './audit.module.css';

interface AuditDetailProps {
  environment: string | null;
  row: AuditRow | null;
  /** A row that an address names and that nobody has clicked: it is looked for by its moment. */
  id: string | null;
  onClose: () => void;
}

/** One row of the log, whole. */
export function AuditDetail({ environment, row, id, onClose }: AuditDetailProps) {
  const moment = id && !row ? momentOf(id) : undefined;
  const found = useQuery({
    queryKey: ['audit-row', environment, id],
    enabled: moment !== undefined,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const query = { from: new Date(moment ?? 0).toISOString(), until: new Date((moment ?? 0) + 1000).toISOString(), limit: 200, order: 'oldest' as const };
      const { data } = environment === null
        ? await send(api.GET('/audit', { params: { query }, signal }))
        : await send(api.GET('/environments/{environment}/audit', { params: { path: { environment }, query }, signal }));
      return data.items.find((one) => one.id === id) ?? null;
    },
  });
  const shown = row ?? found.data ?? null;
  const isMissing = id !== null && !row && (moment === undefined || found.data === null);
  return (
    <Dialog isOpen={shown !== null || isMissing || found.error !== null} onClose={onClose} isWide title={shown ? shown.action : 'Audit row'}>
      <Problem of={found.error} />
      {isMissing && <p>There is no row <code>{id}</code> in this log, or no longer.</p>}
      {shown && <Row environment={environment} row={shown} />}
    </Dialog>
  );
}

function Row({ environment, row }: { environment: string | null; row: AuditRow }) {
  const of = environment ?? row.environment;
  const facts: [string, ReactNode][] = [
    ['When', <>{exactTime(row.at)} <span className="muted">({timeInWords(row.at)})</span></>],
    ['Who', <Who row={row} isWhole />],
    ['Outcome', <Outcome row={row} />],
    ['Detail', row.detail && <code>{row.detail}</code>],
    ['Tool', row.tool && (of ? <Link to="/e/$environment/tools/$name" params={{ environment: of, name: row.tool }}>{row.tool}</Link> : row.tool)],
    ['Target', row.target],
    ['Visitor', row.visitor && (of ? <Link to="/e/$environment/visitors/$visitor" params={{ environment: of, visitor: row.visitor }}><code>{row.visitor}</code></Link> : <code>{row.visitor}</code>)],
    ['Issuer', row.issuer],
    ['Conversation', row.conversation && (of ? <Link to="/e/$environment/conversations/$conversation" params={{ environment: of, conversation: row.conversation }}><code>{row.conversation}</code></Link> : <code>{row.conversation}</code>)],
    ['Session', row.session && <code>{row.session}</code>],
    ['Token', row.token && <InlineCode code={row.token} label="Copy the token’s id" />],
    ['Took', row.durationMs !== null && `${row.durationMs.toLocaleString()} ms`],
    ['Row', <InlineCode code={row.id} label="Copy the row’s id" />],
  ];
  const link = `${location.origin}${environment === null ? '/audit' : `/e/${environment}/audit`}?row=${row.id}`;
  const names = row.parameters ?? [];
  const isChange = row.before !== null || row.after !== null;
  return (
    <div className="stack">
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (value ? <div key={name}><dt>{name}</dt><dd>{value}</dd></div> : null))}
      </dl>
      {names.length > 0 && (
        <section>
          <h3>Parameters</h3>
          <ul className={styles.parameters}>
            {names.map((name) => (
              <li key={name}><code>{name}</code>{row.values && name in row.values && row.values[name] !== null ? <> = <code>{JSON.stringify(row.values[name])}</code></> : <span className="muted"> value not kept</span>}</li>
            ))}
          </ul>
        </section>
      )}
      {row.actingFor && <Code title="Acting for" code={JSON.stringify(row.actingFor, null, 2)} />}
      {isChange && (
        <section className={styles.change}>
          <h3>{row.before === null ? 'What was made' : row.after === null ? 'What was removed' : 'What changed'}</h3>
          {row.before !== null && row.after !== null ? <Difference before={row.before} after={row.after} /> : <Code title={row.before === null ? 'After' : 'Before'} code={JSON.stringify(row.before ?? row.after, null, 2)} />}
        </section>
      )}
      <div><CopyButton text={link} label="Copy a link to this row" /></div>
    </div>
  );
}
