// SPDX-License-Identifier: Apache-2.0
import { QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { ApiProblem } from '../src/api/problem';
import { createQueryClient, type ListPage } from '../src/api/resource';
import { DataTable, type ListQuery } from '../src/ui/DataTable';

interface Row {
  id: string;
}

const pages: Record<string, ListPage<Row>> = {
  first: { items: [{ id: 'a' }, { id: 'b' }], next: 'second' },
  second: { items: [{ id: 'c' }], next: null },
};

function table(read: (cursor: string | null) => Promise<ListPage<Row>>, key = 'rows') {
  const query: ListQuery<Row> = {
    queryKey: [key], queryFn: ({ pageParam }) => read(pageParam as string | null), initialPageParam: null, getNextPageParam: (page: ListPage<Row>) => page.next,
  };
  return (
    <DataTable<Row> label="Rows" query={query} rowKey={({ id }) => id} empty={<p>No rows yet</p>}
      columns={[{ header: 'Name', cell: ({ id }) => <a href={`#${id}`}>{id}</a> }, { header: 'Actions', isActions: true, cell: ({ id }) => <button type="button">Remove {id}</button> }]} />
  );
}

const draw = (node: React.ReactNode) => render(<QueryClientProvider client={createQueryClient()}>{node}</QueryClientProvider>);
const names = () => screen.queryAllByRole('link').map((link) => link.textContent);

it('turns pages by cursor, reads the next one ahead, and goes back without asking again', async () => {
  const read = vi.fn((cursor: string | null) => Promise.resolve(pages[cursor ?? 'first']!));
  draw(table(read));
  await screen.findByText('a');
  expect(names()).toEqual(['a', 'b']);
  await act(async () => fireEvent.click(screen.getByText('Next')));
  await screen.findByText('c');
  expect(names()).toEqual(['c']);
  expect((screen.getByText('Next').closest('button') as HTMLButtonElement).disabled).toBe(true);
  await act(async () => fireEvent.click(screen.getByText('Previous')));
  expect(names()).toEqual(['a', 'b']);
  expect(read).toHaveBeenCalledTimes(2);
});

it('goes from row to row by arrow keys, in the same column', async () => {
  draw(table(() => Promise.resolve({ items: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], next: null })));
  const first = await screen.findByText('a');
  first.focus();
  fireEvent.keyDown(first, { key: 'ArrowDown' });
  expect(document.activeElement!.textContent).toBe('b');
  fireEvent.keyDown(document.activeElement!, { key: 'End' });
  expect(document.activeElement!.textContent).toBe('c');
  const button = screen.getByText('Remove c');
  button.focus();
  fireEvent.keyDown(button, { key: 'Home' });
  expect(document.activeElement!.textContent).toBe('Remove a');
});

it('teaches where there is nothing, and says what failed with a way on', async () => {
  draw(table(() => Promise.resolve({ items: [], next: null })));
  expect(await screen.findByText('No rows yet')).toBeTruthy();
  draw(table(() => Promise.reject(new ApiProblem({ type: 'urn:chatelaine:problem:role-insufficient', title: 'Your role is too small', status: 403 })), 'refused'));
  expect(await screen.findByText('Your role is too small')).toBeTruthy();
  expect(screen.getByText('Try again')).toBeTruthy();
});
