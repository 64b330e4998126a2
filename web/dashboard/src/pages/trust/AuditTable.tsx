// SPDX-License-Identifier: Apache-2.0
import { CircleDashed, KeyRound, UserCog } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { list } from '../../api/resource';
import type { components } from '../../api/schema.generated';
import { Badge } from '../../ui/Badge';
import { type Column, DataTable, type ListQuery } from '../../ui/DataTable';
import { Time } from '../../ui/Time';
import { useActorName } from './actors';
import { AuditDetail } from './AuditDetail';
import { type AuditFilter, filterQuery, tookText } from './audit-filter';
import styles from './audit.module.css';

export type AuditRow = components['schemas']['Audit'];

/** The rows of an environment's log, or (null) of the installation's. The moment from which a relative range counts is part of the query. */
export function auditQuery(environment: string | null, filter: AuditFilter, now: number): ListQuery<AuditRow> {
  const query = filterQuery(filter, now);
  // What has just happened is what one looks for.
  return { staleTime: 0, ...(environment === null
    ? list('/audit', { query: query as never })
    : list('/environments/{environment}/audit', { path: { environment }, query: query as never })) } as unknown as ListQuery<AuditRow>;
}

interface AuditTableProps {
  environment: string | null;
  label: string;
  filter: AuditFilter;
  empty: ReactNode;
  /** The row that is shown in full, where the page's address holds it. */
  selected?: string | null;
  onSelect?: (id: string | null) => void;
  now?: number;
}

/** Rows of the audit log, each to be opened. */
export function AuditTable({ environment, label, filter, empty, selected, onSelect, now: given }: AuditTableProps) {
  const key = JSON.stringify(filter);
  const now = useMemo(() => given ?? Date.now(), [key, given]);
  const [own, setOwn] = useState<AuditRow | null>(null);
  const open = (row: AuditRow): void => {
    setOwn(row);
    onSelect?.(row.id);
  };
  const close = (): void => {
    setOwn(null);
    onSelect?.(null);
  };
  const columns: readonly Column<AuditRow>[] = [
    { header: 'When', cell: (row) => <button type="button" className={styles.open} onClick={() => open(row)}><Time at={row.at} /><span className="visually-hidden">: {row.action}, all of it</span></button> },
    { header: 'What', cell: (row) => <WhatCell row={row} /> },
    { header: 'Who', cell: (row) => <Who row={row} /> },
    { header: 'Outcome', cell: (row) => <Outcome row={row} /> },
    { header: 'Took', isNumeric: true, isExtra: true, cell: (row) => (row.durationMs === null ? '' : tookText(row.durationMs)) },
  ];
  const shown = selected === undefined || selected === own?.id ? own : null;
  return (
    <>
      <DataTable label={label} columns={columns} rowKey={(row) => row.id} query={auditQuery(environment, filter, now)} empty={empty} />
      <AuditDetail environment={environment} row={shown} id={selected ?? null} onClose={close} />
    </>
  );
}

function WhatCell({ row }: { row: AuditRow }) {
  const of = row.tool ?? row.target;
  return (
    <span className={styles.what}>
      <code>{row.action}</code>
      {of && <span className={`${styles.target} muted`} title={of}>{of}</span>}
    </span>
  );
}

/** In whose name: an administrator, a verified visitor, or nobody known. */
export function Who({ row, isWhole = false }: { row: AuditRow; isWhole?: boolean }) {
  const nameOf = useActorName();
  const frame = `${styles.who} ${isWhole ? '' : styles.row}`;
  if (row.actor) {
    const name = nameOf(row.actor);
    return <span className={frame}><UserCog aria-label="Administrator" /><span title={row.actor}>{name}{isWhole && name !== row.actor && <span className="muted"> {row.actor}</span>}</span></span>;
  }
  const isProven = row.action !== 'visitor.identify' || row.outcome === 'allowed';
  if (row.subject) return <span className={frame}>{isProven ? <KeyRound aria-label="Verified visitor" className={styles.verified} /> : <CircleDashed aria-label="Not proven" />}<span title={row.subject}>{row.subject}</span></span>;
  return <span className={`${frame} muted`}><CircleDashed aria-hidden /><span className={styles.word}>anonymous</span></span>;
}

const kinds = { allowed: 'good', refused: 'brass', failed: 'danger' } as const;

export function Outcome({ row }: { row: Pick<AuditRow, 'outcome' | 'reason'> }) {
  return (
    <span className={styles.outcome}>
      <Badge kind={kinds[row.outcome]}>{row.outcome}</Badge>
      {row.reason && <code>{row.reason}</code>}
    </span>
  );
}

