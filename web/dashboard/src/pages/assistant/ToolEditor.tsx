// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { api, send } from '../../api/client';
import type { FieldError } from '../../api/problem';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { JsonEditor, prefetchJsonEditor } from '../../ui/JsonEditor';
import { useSettled } from '../../ui/SearchField';
import { Tabs } from '../../ui/Tabs';
import { Verdict } from '../../ui/Verdict';
import { Editable, useMayEdit } from './Editable';
import { isObject } from './json';
import { type ParameterTable, readParameters, rowProblems, writeParameters } from './parameters';
import { lineOf, linesByPointer } from './places';
import { otherErrors, type PlacedError, type Tool, writeTool } from './tool';
import { ToolForm } from './ToolForm';
import { ToolTry } from './ToolTry';
import styles from './ToolEditor.module.css';

export type ToolTab = 'form' | 'json' | 'try' | 'calls';

interface ToolEditorProps {
  environment: string;
  tool: Tool;
  onChange: (tool: Tool) => void;
  isNew: boolean;
  claims: readonly string[];
  assistant: 'rules' | 'openai';
  /** What saving was refused for. */
  refused: readonly FieldError[];
  tab: ToolTab;
  onTab: (tab: ToolTab) => void;
  /** Below the form and below the JSON: the bar with "Save". */
  footer: (canSave: boolean) => ReactNode;
  calls?: ReactNode;
}

/** A tool as fields, as JSON, tried, and its history. All of them work on one document; what is wrong is said while it is written. */
export function ToolEditor({ environment, tool, onChange, isNew, claims, assistant, refused, tab, onTab, footer, calls }: ToolEditorProps) {
  const mayEdit = useMayEdit();
  useEffect(prefetchJsonEditor, []); // a click away
  const { table, change: changeTable, isSound } = useTable(tool, onChange);
  const check = useToolCheck(environment, tool);
  // An untouched new tool is not scolded for being empty.
  const isBlank = isNew && tool.name === '' && tool.url === '';
  const errors: PlacedError[] = isBlank ? [...refused] : check?.problems.length ? check.problems : [...refused];
  const shown = { tool, claims, errors: isNew ? errors.filter(({ pointer }) => tool.url !== '' || pointer !== '/url').filter(({ pointer }) => tool.name !== '' || pointer !== '/name') : errors };
  return (
    <Tabs label="Tool" value={tab} onChange={onTab} tabs={[
      {
        value: 'form', label: 'Settings',
        content: (
          <div className="stack">
            <Editable>
              <ToolForm {...shown} table={table} isNew={isNew} assistant={assistant} onChange={onChange} onTable={changeTable} onShowJson={() => onTab('json')} />
            </Editable>
            {otherErrors(errors).map(({ pointer, detail }) => <Verdict key={pointer + detail} kind="bad" title={detail} code={pointer} />)}
            {check?.warnings.map(({ code, message }) => <Verdict key={code + message} kind="warning" title={message} code={code} />)}
            {check?.modelSees && (
              <Card title="What the model sees" lead="As the model is offered the tool. Bound parameters are not in it.">
                <Code title="Tool" code={JSON.stringify(check.modelSees, null, 2)} />
              </Card>
            )}
            {mayEdit && footer(isSound)}
          </div>
        ),
      },
      {
        value: 'json', label: 'JSON',
        content: (
          <div className="stack">
            <JsonView tool={tool} errors={errors} onChange={onChange} isReadOnly={!mayEdit} />
            {mayEdit && footer(isSound)}
          </div>
        ),
      },
      ...(mayEdit ? [{ value: 'try' as const, label: 'Try it', content: <ToolTry environment={environment} tool={tool} /> }] : []),
      ...(calls ? [{ value: 'calls' as const, label: 'Call history', content: calls }] : []),
    ]} />
  );
}

/** The rows of the form. They may for a while be no schema at all (two of one name): then the document keeps the last one that was. */
export function useTable(tool: Tool, onChange: (tool: Tool) => void) {
  const schema = tool.parameters ?? { type: 'object', properties: {}, additionalProperties: false };
  const written = useRef<unknown>(undefined);
  const [table, setTable] = useState<ParameterTable | { unreadable: string }>(() => readParameters(schema));
  const known = useRef(tool.parameters);
  let current = table;
  // Changed elsewhere: in the JSON view, by "discard", by another administrator.
  if (tool.parameters !== known.current && JSON.stringify(tool.parameters) !== JSON.stringify(written.current)) {
    current = readParameters(schema);
    setTable(current);
  }
  known.current = tool.parameters;
  const isSound = 'unreadable' in current || rowProblems(current.rows).length === 0;
  const change = (next: ParameterTable, changedTool: Tool): void => {
    setTable(next);
    if (rowProblems(next.rows).length > 0) return onChange(changedTool);
    const parameters = writeParameters(next);
    written.current = parameters;
    onChange({ ...changedTool, parameters });
  };
  return { table: current, change, isSound };
}

/** The server's own word on the draft, while it is written. */
function useToolCheck(environment: string, tool: Tool) {
  const document = useSettled(JSON.stringify(writeTool(tool)), 300);
  const { data } = useQuery({
    queryKey: ['/environments/{environment}/tools/check', environment, document],
    queryFn: ({ signal }) => send(api.POST('/environments/{environment}/tools/check', { params: { path: { environment } }, body: { document: JSON.parse(document) as never }, signal })),
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  return data?.data;
}

function JsonView({ tool, errors, onChange, isReadOnly }: { tool: Tool; errors: readonly PlacedError[]; onChange: (tool: Tool) => void; isReadOnly: boolean }) {
  const [text, setText] = useState(() => JSON.stringify(writeTool(tool), null, 2));
  const sent = useRef(text);
  const own = JSON.stringify(writeTool(tool));
  useEffect(() => {
    // Not while it is being written here, where spaces and order are the writer's.
    if (own !== sent.current) setText(JSON.stringify(JSON.parse(own), null, 2));
    sent.current = own;
  }, [own]);
  const lines = linesByPointer(text);
  const write = (next: string): void => {
    setText(next);
    try {
      const value: unknown = JSON.parse(next);
      if (!isObject(value)) return;
      sent.current = JSON.stringify(writeTool(value as unknown as Tool));
      onChange(value as unknown as Tool);
    } catch {
      // Said by the editor, at its line.
    }
  };
  return (
    <Card title="The whole document" lead="As it stands in the configuration file. What the form does not show stays as it is written here.">
      <div className="stack">
        <JsonEditor label="Tool as JSON" isReadOnly={isReadOnly} value={text} onChange={write} rows={Math.min(40, Math.max(16, text.split('\n').length + 1))}
          marks={lines && errors.map(({ pointer, detail }) => ({ line: lineOf(lines, pointer), message: detail }))} />
        {lines && errors.length > 0 && (
          <Verdict kind="bad" title={errors.length === 1 ? 'One thing is not right' : `${errors.length} things are not right`}>
            <ul className={styles.errors}>{errors.map(({ pointer, detail }) => <li key={pointer + detail}>Line {lineOf(lines, pointer)}, <code>{pointer || '/'}</code>: {detail}</li>)}</ul>
          </Verdict>
        )}
      </div>
    </Card>
  );
}
