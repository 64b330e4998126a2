// SPDX-License-Identifier: Apache-2.0
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { ApiProblem } from '../src/api/problem';
import { Form } from '../src/ui/form';
import { Problem } from '../src/ui/Problem';
import { TextField } from '../src/ui/TextField';
import { SecretOnce } from '../src/ui/SecretOnce';
import { LinesField } from '../src/ui/LinesField';
import { JsonEditor } from '../src/ui/JsonEditor';

const refused = new ApiProblem({
  type: 'urn:chatelaine:problem:invalid', title: 'Invalid', status: 422, detail: 'Two members are wrong.',
  errors: [{ pointer: '/url', detail: 'The URL must be https.' }, { pointer: '/bind/account', detail: 'No such parameter.' }],
});

it('shows each error at the field it names, the others below, and puts the focus on the first', () => {
  render(
    <Form problem={refused}>
      <TextField label="Name" pointer="/name" value="" onChange={() => {}} />
      <TextField label="URL" pointer="/url" help="Where it is called." value="http://x" onChange={() => {}} />
      <Problem of={refused} />
    </Form>,
  );
  const url = screen.getByRole('textbox', { name: 'URL' });
  expect(url.getAttribute('aria-invalid')).toBe('true');
  expect(url.getAttribute('aria-describedby')!.split(' ').map((id) => document.getElementById(id)!.textContent)).toEqual(['Where it is called.', 'The URL must be https.']);
  expect(document.activeElement).toBe(url);
  expect(screen.getByRole('textbox', { name: 'Name' }).getAttribute('aria-invalid')).toBeNull();
  const alert = screen.getByRole('alert');
  expect(alert.textContent).toContain('/bind/account');
  expect(alert.textContent).not.toContain('https');
});

it('says once what is wrong where that is at one field', () => {
  const detail = 'At least 12 characters.';
  const weak = new ApiProblem({ type: 'urn:chatelaine:problem:password-weak', title: 'Password weak', status: 422, detail, errors: [{ pointer: '/password', detail }] });
  const { rerender } = render(<Form problem={weak}><TextField label="Password" pointer="/password" value="x" onChange={() => {}} /><Problem of={weak} /></Form>);
  expect(screen.getAllByText(detail)).toHaveLength(1);
  expect(screen.getByRole('alert').textContent).toBe('Password weak');
  rerender(<Form problem={weak}><Problem of={weak} /></Form>);
  expect(screen.getByRole('alert').textContent).toContain(detail);
});

it('says once when to try again', () => {
  const late = (detail: string) => new ApiProblem({ type: 'urn:chatelaine:problem:rate-limited', title: 'Too many attempts', status: 429, detail }, 4);
  const { rerender } = render(<Problem of={late('Too many attempts. Try again in 4 seconds.')} />);
  expect(screen.getByRole('alert').textContent!.match(/Try again/g)).toHaveLength(1);
  rerender(<Problem of={late('Too many.')} />);
  expect(screen.getByRole('alert').textContent).toContain('Try again in 4 s.');
});

it('sends itself by Enter without leaving the page, and not the form it stands in', () => {
  const inner = vi.fn();
  const outer = vi.fn();
  render(<div onSubmit={outer}><Form onSubmit={inner}><button type="submit">Go</button></Form></div>);
  fireEvent.click(screen.getByText('Go'));
  expect(inner).toHaveBeenCalledOnce();
  expect(outer).not.toHaveBeenCalled();
});

it('lets a secret go only when it is said to be stored', () => {
  const stored = vi.fn();
  render(<SecretOnce title="Signing secret" secret="s3cr3t" onStored={stored} />);
  expect(screen.getByText('s3cr3t')).toBeTruthy();
  fireEvent.click(screen.getByText('I have stored it'));
  expect(stored).toHaveBeenCalledOnce();
});

it('names the line at which JSON is broken, and sets it in order when it is not', () => {
  const change = vi.fn();
  const { rerender } = render(<JsonEditor label="Schema" value={'{\n  "a": 1,\n}'} onChange={change} />);
  expect(screen.getByText(/^Line 3, column 1/)).toBeTruthy();
  rerender(<JsonEditor label="Schema" value={'{"a":1}'} onChange={change} />);
  fireEvent.click(screen.getByText('Set in order'));
  expect(change).toHaveBeenCalledWith('{\n  "a": 1\n}');
});

it('says which line of a list is wrong, and keeps blank lines while they are typed', () => {
  const problem = new ApiProblem({ type: 'urn:chatelaine:problem:invalid', title: 'Invalid', status: 422, errors: [{ pointer: '/origins/1', detail: 'No path.' }] });
  const change = vi.fn();
  render(<Form problem={problem}><LinesField label="Origins" pointer="/origins" value={['https://a.example', 'https://b.example/x']} onChange={change} /><Problem of={problem} /></Form>);
  expect(screen.getByText('Line 2: No path.')).toBeTruthy();
  expect(screen.getByRole('alert').textContent).not.toContain('/origins/1');
  const area = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Origins' });
  fireEvent.change(area, { target: { value: 'https://a.example\n\n https://c.example ' } });
  expect(change).toHaveBeenLastCalledWith(['https://a.example', 'https://c.example']);
});
