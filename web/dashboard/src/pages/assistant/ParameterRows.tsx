// SPDX-License-Identifier: Apache-2.0
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Switch';
import { Select } from '../../ui/Select';
import { TextField } from '../../ui/TextField';
import { hiddenKeywords, newRow, type ParameterRow, type ParameterTable, type ParameterType, rowProblems } from './parameters';
import { parameterErrors, type PlacedError, removeParameter, renameParameter, type Tool } from './tool';
import { WordsField } from './WordsField';
import styles from './ParameterRows.module.css';

interface ParameterRowsProps {
  table: ParameterTable;
  tool: Tool;
  /** Claims that tokens of this environment are known to hold: suggested, never demanded. */
  claims: readonly string[];
  errors: readonly PlacedError[];
  onChange: (table: ParameterTable, tool: Tool) => void;
}

const typeNames: Record<ParameterType, string> = { string: 'Text', integer: 'Whole number', number: 'Number', boolean: 'Yes or no' };

/** A tool's parameters, one card each. What is bound to a claim says so: the model does not see it. */
export function ParameterRows({ table, tool, claims, errors, onChange }: ParameterRowsProps) {
  const problems = rowProblems(table.rows);
  const list = useRef<HTMLUListElement>(null);

  const change = (row: ParameterRow, changed: Partial<ParameterRow>, changedTool: Tool = tool): void =>
    onChange({ ...table, rows: table.rows.map((one) => (one === row ? { ...row, ...changed } : one)) }, changedTool);
  const add = (): void => {
    onChange({ ...table, rows: [...table.rows, newRow()] }, tool);
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>('li:last-child input')?.focus());
  };
  const bind = (name: string, claim: string | null): Tool => {
    const { [name]: _old, ...rest } = tool.bind ?? {};
    return { ...tool, bind: claim === null ? rest : { ...tool.bind, [name]: claim } };
  };
  const audit = (name: string, isKept: boolean): Tool => ({
    ...tool, auditValues: isKept ? [...(tool.auditValues ?? []), name] : (tool.auditValues ?? []).filter((one) => one !== name),
  });

  return (
    <div className={styles.frame}>
      {table.rows.length === 0 && <p className="muted">No parameters: the tool is called as it is. Add one for what the visitor has to say, such as an order’s number.</p>}
      <ul ref={list} className={styles.rows}>
        {table.rows.map((row, at) => {
          const claim = tool.access === 'public' ? undefined : tool.bind?.[row.name];
          const own = (field: 'name' | 'values'): string | undefined => problems.find((one) => one.key === row.key && one.field === field)?.message;
          const hidden = hiddenKeywords(row);
          const title = row.name || `Parameter ${at + 1}`;
          return (
            <li key={row.key} className={styles.row} data-bound={claim !== undefined || undefined}>
              <div className={styles.first}>
                <TextField label="Name" isMono value={row.name} error={own('name') ?? null} onChange={(name) => change(row, { name }, renameParameter(tool, row.name, name))} />
                {row.type === null ? (
                  <div className={styles.fixed}>
                    <span className={styles.label}>Type</span>
                    <span className="muted">{typeOf(row)}, in the JSON view</span>
                  </div>
                ) : (
                  <Select label="Type" value={row.type} options={Object.entries(typeNames).map(([value, label]) => ({ value: value as ParameterType, label }))} onChange={(type) => change(row, { type, ...(type === 'boolean' ? { values: [] } : {}) })} />
                )}
                <Button kind="quiet" aria-label={`Remove ${title}`} icon={<Trash2 aria-hidden />} onClick={() => onChange({ ...table, rows: table.rows.filter((one) => one !== row) }, removeParameter(tool, row.name))} />
              </div>
              {claim === undefined ? (
                <>
                  <TextField label="Description" help={at === 0 ? 'For the model: what it is, and where the visitor finds it.' : undefined} isOptional value={row.description} onChange={(description) => change(row, { description })} />
                  {row.type !== null && row.type !== 'boolean' && (
                    <WordsField label="Allowed values" isOptional placeholder="any" words={row.values} error={own('values') ?? null} onChange={(values) => change(row, { values })} />
                  )}
                </>
              ) : (
                <div className={styles.bound}>
                  <KeyRound aria-hidden />
                  <div>
                    <TextField label="Claim" isMono value={claim} list="known-claims" placeholder="accountId" onChange={(value) => onChange(table, bind(row.name, value))}
                      error={claim === '' ? 'Which claim? A name of the resolved identity, such as accountId or metadata.plan.' : null} />
                    <p>Filled from claim <code>{claim || '…'}</code> at every call. The model never sees it, and whatever it says is dropped.</p>
                  </div>
                </div>
              )}
              <div className={styles.choices}>
                <Checkbox label="Required" isOn={row.isRequired} onChange={(isRequired) => change(row, { isRequired })} />
                <Checkbox label="Filled from a claim" isOn={claim !== undefined} isDisabled={tool.access === 'public' || row.name === ''} onChange={(isBound) => onChange(table, bind(row.name, isBound ? (claims.includes(row.name) ? row.name : '') : null))} />
                <Checkbox label="Value stands in the audit log" isOn={tool.auditValues?.includes(row.name) ?? false} isDisabled={row.name === ''} onChange={(isKept) => onChange(table, audit(row.name, isKept))} />
              </div>
              {hidden.length > 0 && row.type !== null && (
                <p className={styles.more}>
                  Also {hidden.map((keyword, at) => <span key={keyword}>{at > 0 && ', '}<code>{keyword}</code></span>)}, in the JSON view.
                </p>
              )}
              {parameterErrors(errors, tool, row.name).map(({ pointer, detail }) => (
                <p key={pointer + detail} className={styles.error}><code>{pointer}</code> {detail}</p>
              ))}
            </li>
          );
        })}
      </ul>
      <datalist id="known-claims">{claims.map((name) => <option key={name} value={name} />)}</datalist>
      <div>
        <Button icon={<Plus aria-hidden />} onClick={add}>Add a parameter</Button>
      </div>
    </div>
  );
}

function typeOf({ original }: ParameterRow): string {
  const type = typeof original === 'object' && original !== null && !Array.isArray(original) ? original['type'] : undefined;
  return type === 'object' ? 'An object' : type === 'array' ? 'A list' : Array.isArray(type) ? 'Several types' : 'Any';
}
