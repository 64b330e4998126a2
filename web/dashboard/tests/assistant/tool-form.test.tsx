// SPDX-License-Identifier: Apache-2.0
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import { useState } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Tool } from '../../src/pages/assistant/tool';
import { useTable } from '../../src/pages/assistant/ToolEditor';
import { ToolForm } from '../../src/pages/assistant/ToolForm';

let now: Tool;
let setOutside: (tool: Tool) => void;

function Harness({ tool: first }: { tool: Tool }) {
  const [tool, setTool] = useState(first);
  now = tool;
  setOutside = setTool;
  const { table, change, isSound } = useTable(tool, setTool);
  return (
    <>
      <ToolForm tool={tool} table={table} claims={['accountId']} errors={[{ pointer: '/parameters/properties/account/minLength', detail: 'This must be a whole number.' }]} isNew={false} assistant="rules" onChange={setTool} onTable={change} onShowJson={() => {}} />
      <output>{isSound ? 'sound' : 'not sound'}</output>
    </>
  );
}

const tool: Tool = {
  name: 'get_balance', url: 'https://acme.example/balance', access: 'sign-in',
  parameters: { type: 'object', properties: { account: { type: 'string', pattern: '^\\d+$' }, day: { type: 'string' } }, required: ['account'], additionalProperties: false },
  bind: { account: 'accountId' }, triggers: ['balance of {account} on {day}'], auditValues: ['day'],
};
const rows = () => screen.getAllByRole('listitem');
const type = (label: string, value: string, at = 0) => fireEvent.change(within(rows()[at] as HTMLElement).getByLabelText(label), { target: { value } });

describe('a tool’s form', () => {
  beforeEach(() => void render(<Harness tool={tool} />));

  it('takes a parameter’s new name everywhere', () => {
    type('Name', 'iban');
    expect(now).toMatchObject({ bind: { iban: 'accountId' }, triggers: ['balance of {iban} on {day}'], parameters: { properties: { iban: { type: 'string', pattern: '^\\d+$' } }, required: ['iban'] } });
  });

  it('says what is bound, and shows what is wrong at its parameter', () => {
    const [account, day] = rows() as [HTMLElement, HTMLElement];
    expect(account.textContent).toContain('Filled from claim accountId at every call. The model never sees it');
    expect(account.textContent).toContain('Also pattern, in the JSON view.');
    expect(account.textContent).toContain('This must be a whole number.');
    expect(day.textContent).not.toContain('This must be');
    fireEvent.click(within(account).getByLabelText('Filled from a claim'));
    expect(now.bind).toEqual({});
    fireEvent.click(within(day).getByLabelText('Value stands in the audit log'));
    expect(now.auditValues).toEqual([]);
  });

  it('keeps the last schema that was one while two parameters have one name', () => {
    type('Name', 'account', 1);
    expect(screen.getByText('not sound')).toBeTruthy();
    expect(screen.getAllByText('There are two parameters “account”.')).toHaveLength(2);
    expect(Object.keys(now.parameters?.['properties'] as object)).toEqual(['account', 'day']);
    type('Name', 'date', 1);
    expect(screen.getByText('sound')).toBeTruthy();
    expect(Object.keys(now.parameters?.['properties'] as object)).toEqual(['account', 'date']);
  });

  it('follows the document when it is changed elsewhere', () => {
    fireEvent.click(screen.getByText('Add a parameter'));
    type('Name', 'count', 2);
    expect(Object.keys(now.parameters?.['properties'] as object)).toEqual(['account', 'day', 'count']);
    act(() => setOutside(tool));
    expect(rows()).toHaveLength(2);
  });

  it('asks nothing of visitors where the tool is public', () => {
    fireEvent.click(screen.getByLabelText('Public'));
    expect(screen.queryByLabelText(/^Required claims/)).toBeNull();
    expect(rows()[0]?.textContent).not.toContain('Filled from claim accountId');
  });
});
