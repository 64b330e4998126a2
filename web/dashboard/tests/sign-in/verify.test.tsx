// SPDX-License-Identifier: Apache-2.0
import { act, renderHook, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { useTokenTest } from '../../src/pages/sign-in/verify';

type Answer = { data?: unknown; response: Response };
const post = vi.hoisted(() => vi.fn());
vi.mock('../../src/api/client', async (original) => ({ ...(await original<typeof import('../../src/api/client')>()), api: { POST: post } }));

/** An admin API that answers each test of a token when it is told to. */
function standIn() {
  const asked: { token: string; refreshKeys: boolean; answer: (verified: boolean) => void; isAborted: () => boolean }[] = [];
  post.mockImplementation((_: string, { params, body, signal }: { params: object; body: { token: string; refreshKeys: boolean }; signal: AbortSignal }) => {
    expect(JSON.stringify(params)).not.toContain(body.token);
    return new Promise<Answer>((resolve) => {
      asked.push({ ...body, isAborted: () => signal.aborted, answer: (verified) => resolve({ data: { verified, message: body.token }, response: new Response() }) });
    });
  });
  return asked;
}

const start = (token: string | null) => renderHook(({ token }) => useTokenTest('env_1', token, null), { initialProps: { token } });

describe('verifying what was pasted', () => {
  it('asks nothing before something was pasted', async () => {
    const asked = standIn();
    start(null);
    await new Promise((done) => setTimeout(done, 200));
    expect(asked).toHaveLength(0);
  });

  it('shows the verdict of the token that stands there, never that of one before', async () => {
    const asked = standIn();
    const hook = start('one');
    await waitFor(() => expect(asked).toHaveLength(1));
    hook.rerender({ token: 'two' });
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[0]!.isAborted()).toBe(true);
    await act(async () => asked[1]!.answer(false));
    await waitFor(() => expect(hook.result.current.result).toMatchObject({ verified: false, message: 'two' }));
    await act(async () => asked[0]!.answer(true)); // too late
    expect(hook.result.current.result).toMatchObject({ verified: false, message: 'two' });
    hook.rerender({ token: 'three' });
    expect(hook.result.current.result).toBeNull();
    hook.rerender({ token: null });
    expect(hook.result.current).toMatchObject({ result: null, problem: null, isBusy: false });
  });

  it('asks once for a word typed letter by letter, and again with fresh keys when told to', async () => {
    const asked = standIn();
    const hook = start('t');
    for (const token of ['to', 'tok', 'toke', 'token']) hook.rerender({ token });
    await waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]).toMatchObject({ token: 'token', refreshKeys: false });
    await act(async () => asked[0]!.answer(false));
    act(() => hook.result.current.again({ refreshKeys: true }));
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]!.refreshKeys).toBe(true);
    await act(async () => asked[1]!.answer(true));
    await waitFor(() => expect(hook.result.current.result?.verified).toBe(true));
    expect(hook.result.current.isBusy).toBe(false);
  });

  it('says what went wrong where the server does not answer', async () => {
    post.mockRejectedValue(new TypeError('failed'));
    const hook = start('token');
    await waitFor(() => expect(hook.result.current.problem?.code).toBe('unreachable'));
    expect(hook.result.current.result).toBeNull();
  });
});
