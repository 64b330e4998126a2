// SPDX-License-Identifier: Apache-2.0
import { X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Button } from '../../ui/Button';
import { useSettled } from '../../ui/SearchField';
import { type AuditFilter, type FilterField, fromLocalField, isEmptyFilter, outcomes, rangeWords, relativeRanges, type RelativeRange, toLocalField, withField, withRange } from './audit-filter';
import styles from './audit.module.css';

/** What there is to look for: in an environment's log, and in the installation's. */
const actions = {
  environment: [
    'tool.call', 'tool.try', 'visitor.identify', 'visitor.logout', 'visitor.revoke', 'visitor.restore', 'visitor.export', 'visitor.erase', 'session.revoke', 'conversation.carry', 'conversation.delete',
    'environment.set-config', 'environment.rename', 'tool.put', 'tool.remove', 'knowledge.put', 'knowledge.remove', 'secret.generate', 'secret.rotate', 'secret.set', 'secret.kill', 'key.issue', 'key.revoke', 'key-set.refresh', 'token.test',
  ],
  installation: [
    'administrator.sign-in', 'administrator.sign-out', 'administrator.invite', 'administrator.join', 'administrator.change', 'administrator.remove', 'account.change', 'account.change-password', 'account.add-passkey', 'account.add-totp',
    'api-token.create', 'api-token.revoke', 'single-sign-on.replace', 'single-sign-on.remove', 'installation.set-up', 'product.create', 'product.rename', 'product.delete', 'environment.create', 'environment.delete', 'secret.reseal',
  ],
};
const reasons = ['missing-token', 'config-incomplete', 'expired', 'bad-signature', 'bad-claim', 'jwks-fetch-failed', 'sign-in-required', 'claim-missing', 'permission-missing', 'arguments-invalid', 'timed-out', 'unreachable'];

interface Shown {
  field: FilterField;
  label: string;
  known?: readonly string[];
}

const fieldsOf = (isInstallation: boolean): readonly Shown[] =>
  isInstallation
    ? [{ field: 'action', label: 'Action', known: actions.installation }, { field: 'actor', label: 'Administrator' }, { field: 'reason', label: 'Reason' }]
    : [
        { field: 'action', label: 'Action', known: actions.environment }, { field: 'subject', label: 'Visitor’s sub' }, { field: 'tool', label: 'Tool' },
        { field: 'reason', label: 'Reason', known: reasons }, { field: 'actor', label: 'Administrator' },
      ];

/** The filter as fields. What is typed is in the address, and in the table, a moment later. */
export function AuditFilterBar({ filter, isInstallation, onChange, status }: { filter: AuditFilter; isInstallation: boolean; onChange: (filter: AuditFilter) => void; status: ReactNode }) {
  const hasOwnRange = Boolean(filter.from ?? filter.until);
  const [isOwnRange, setIsOwnRange] = useState(hasOwnRange);
  const range = isOwnRange || hasOwnRange ? 'own' : (filter.last ?? 'all');
  const chooseRange = (chosen: string): void => {
    setIsOwnRange(chosen === 'own');
    onChange(withRange(filter, chosen in relativeRanges ? { last: chosen as RelativeRange } : {}));
  };
  return (
    <div className={styles.bar} role="search" aria-label="Filter the log">
      {fieldsOf(isInstallation).map(({ field, label, known }) => <FilterText key={field} label={label} known={known} value={filter[field] ?? ''} onChange={(value) => onChange(withField(filter, field, value))} />)}
      <label className={styles.filter}>
        <span>Outcome</span>
        <select value={filter.outcome ?? ''} onChange={(event) => onChange(withField(filter, 'outcome', event.target.value))}>
          <option value="">any</option>
          {outcomes.map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      <label className={styles.filter}>
        <span>When</span>
        <select value={range} onChange={(event) => chooseRange(event.target.value)}>
          <option value="all">any time</option>
          {Object.entries(rangeWords).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
          <option value="own">from … until …</option>
        </select>
      </label>
      {range === 'own' && (
        <>
          <label className={styles.filter}><span>From</span><input type="datetime-local" value={toLocalField(filter.from)} onChange={(event) => onChange(withRange(filter, { from: fromLocalField(event.target.value), until: filter.until } as AuditFilter))} /></label>
          <label className={styles.filter}><span>Until</span><input type="datetime-local" value={toLocalField(filter.until)} onChange={(event) => onChange(withRange(filter, { from: filter.from, until: fromLocalField(event.target.value) } as AuditFilter))} /></label>
        </>
      )}
      {filter.visitor && <Button size="small" icon={<X aria-hidden />} onClick={() => onChange(withField(filter, 'visitor', ''))}>Visitor {filter.visitor.slice(0, 12)}…</Button>}
      {!isEmptyFilter(filter) && <Button kind="quiet" size="small" onClick={() => { setIsOwnRange(false); onChange({}); }}>Clear</Button>}
      <span className={styles.status}>{status}</span>
    </div>
  );
}

/** Text that takes effect once the typing stops for a moment; a change from elsewhere (a link, "Clear") is shown at once. */
function FilterText({ label, known = [], value, onChange }: { label: string; known?: readonly string[] | undefined; value: string; onChange: (value: string) => void }) {
  const id = useId();
  const [text, setText] = useState(value);
  const settled = useSettled(text, 150);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (settled.trim() !== sent.current && settled === text) {
      sent.current = settled.trim();
      onChange(settled);
    }
  }, [settled]);
  return (
    <label className={styles.filter}>
      <span>{label}</span>
      <input type="text" value={text} list={known.length > 0 ? id : undefined} placeholder="any" spellCheck={false} autoCapitalize="none" autoComplete="off" onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && setText('')} />
      {known.length > 0 && <datalist id={id}>{known.map((one) => <option key={one} value={one} />)}</datalist>}
    </label>
  );
}
