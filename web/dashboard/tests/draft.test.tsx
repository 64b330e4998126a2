// SPDX-License-Identifier: Apache-2.0
import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it, vi } from 'vitest';
import type { Versioned } from '../src/api/client';
import { useDraft } from '../src/api/draft';
import { ApiProblem } from '../src/api/problem';
import { createQueryClient } from '../src/api/resource';

interface Thing {
  name: string;
  other?: number;
}
const version = (name: string, etag: string, other = 0): Versioned<Thing> => ({ data: { name, other }, etag });
const changedMeanwhile = new ApiProblem({ type: 'urn:chatelaine:problem:changed-meanwhile', title: 'Changed meanwhile', status: 412 });
const queryKey = ['/thing', null];

function form(save: (value: { name: string }, etag: string | null) => Promise<Versioned<Thing>>, reload = () => Promise.resolve(version('', ''))) {
  const client = createQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  const hook = renderHook(({ loaded }) => useDraft({ loaded, toValue: ({ name }) => ({ name }), save, reload, queryKey }), { wrapper, initialProps: { loaded: version('a', '1') } });
  return { ...hook, client };
}

it('shows what is read until something is changed, then stays with what it was filled from', async () => {
  const save = vi.fn(() => Promise.resolve(version('mine', '3')));
  const { result, rerender } = form(save);
  rerender({ loaded: version('b', '2') });
  expect(result.current.value).toEqual({ name: 'b' });
  act(() => result.current.set({ name: 'mine' }));
  rerender({ loaded: version('c', '9') }); // read in the background
  expect(result.current).toMatchObject({ value: { name: 'mine' }, isDirty: true });
  await act(() => result.current.save());
  expect(save).toHaveBeenCalledWith({ name: 'mine' }, '2');
});

it('keeps the saved version for whoever reads it', async () => {
  const { result, client } = form(() => Promise.resolve(version('mine', '2')));
  act(() => result.current.set({ name: 'mine' }));
  await act(() => result.current.save());
  expect(client.getQueryData(queryKey)).toEqual(version('mine', '2'));
  expect(result.current.isDirty).toBe(false);
});

it('shows both where somebody else changed the same, and overwrites by their version', async () => {
  const save = vi.fn().mockRejectedValueOnce(changedMeanwhile).mockResolvedValueOnce(version('mine', '6'));
  const { result } = form(save, () => Promise.resolve(version('theirs', '5')));
  act(() => result.current.set({ name: 'mine' }));
  await act(() => result.current.save());
  expect(result.current.problem).toBeNull();
  expect(result.current.compare()).toEqual({ ours: { name: 'mine' }, theirs: { name: 'theirs' } });
  await act(() => result.current.overwrite());
  expect(save).toHaveBeenLastCalledWith({ name: 'mine' }, '5');
  expect(result.current.conflict).toBeNull();
});

it('takes theirs', async () => {
  const { result, client } = form(() => Promise.reject(changedMeanwhile), () => Promise.resolve(version('theirs', '5')));
  act(() => result.current.set({ name: 'mine' }));
  await act(() => result.current.save());
  act(() => result.current.takeTheirs());
  expect(result.current).toMatchObject({ conflict: null, isDirty: false });
  expect(client.getQueryData(queryKey)).toEqual(version('theirs', '5'));
});

it('sends again on top of a change that does not touch what it shows', async () => {
  const save = vi.fn().mockRejectedValueOnce(changedMeanwhile).mockResolvedValueOnce(version('mine', '6', 1));
  const { result } = form(save, () => Promise.resolve(version('a', '5', 1)));
  act(() => result.current.set({ name: 'mine' }));
  await act(async () => expect(await result.current.save()).toBe(true));
  expect(save.mock.calls.map(([, etag]) => etag as string)).toEqual(['1', '5']);
});

it('keeps what is typed while it is being saved', async () => {
  let finish: (saved: Versioned<Thing>) => void = () => {};
  const { result } = form(() => new Promise((resolve) => (finish = resolve)));
  act(() => result.current.set({ name: 'one' }));
  let saving: Promise<boolean> = Promise.resolve(false);
  await act(async () => {
    saving = result.current.save();
  });
  act(() => result.current.set({ name: 'one two' }));
  await act(async () => {
    finish(version('one', '2'));
    await saving;
  });
  expect(result.current).toMatchObject({ value: { name: 'one two' }, isDirty: true });
});

it('says why saving failed', async () => {
  const refused = new ApiProblem({ type: 'urn:chatelaine:problem:invalid', title: 'Invalid', status: 422, errors: [{ pointer: '/name', detail: 'Too long.' }] });
  const { result } = form(() => Promise.reject(refused));
  act(() => result.current.set({ name: 'x' }));
  await act(async () => expect(await result.current.save()).toBe(false));
  await vi.waitFor(() => expect(result.current.problem).toBe(refused));
  expect(result.current.value).toEqual({ name: 'x' });
});
