// SPDX-License-Identifier: Apache-2.0
/** Verifying a pasted token as one types. The token goes into the request's body and nowhere else: not into the query cache, the
 * address or the browser's storage. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, send } from '../../api/client';
import { toProblem, type ApiProblem } from '../../api/problem';
import type { components } from '../../api/schema.generated';

export type TokenTest = components['schemas']['TokenTest'];
export type FixAction = components['schemas']['FixAction'];
export type ClaimFate = components['schemas']['ClaimFate'];

export interface Testing {
  /** The latest verdict, of the token that stands there now; null while there is none. */
  result: TokenTest | null;
  problem: ApiProblem | null;
  isBusy: boolean;
  /** Again, now: after a change of settings, or with the keys fetched anew. */
  again: (options?: { refreshKeys?: boolean }) => void;
}

/** Long enough not to ask at every letter; a paste feels immediate all the same. */
const pause = 120;

/** `token` null: nothing was pasted. Empty: what was pasted holds no token, which is a verdict too. */
export function useTokenTest(environment: string, token: string | null, issuer: string | null, draft: object | null = null): Testing {
  const [state, setState] = useState<{ of: string | null; result: TokenTest | null; problem: ApiProblem | null }>({ of: null, result: null, problem: null });
  const [isBusy, setBusy] = useState(false);
  const running = useRef<AbortController | null>(null);

  const run = useCallback(async (refreshKeys: boolean) => {
    if (token === null) return;
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setBusy(true);
    try {
      const { data } = await send(api.POST('/environments/{environment}/tokens/test', {
        params: { path: { environment } }, body: { token, issuer, refreshKeys, draft: draft as never }, signal: mine.signal,
      }));
      if (!mine.signal.aborted) setState({ of: token, result: data, problem: null });
    } catch (error) {
      if (!mine.signal.aborted) setState({ of: token, result: null, problem: toProblem(error) });
    } finally {
      if (!mine.signal.aborted) setBusy(false);
    }
  }, [environment, token, issuer, JSON.stringify(draft)]);

  useEffect(() => {
    if (token === null) {
      running.current?.abort();
      setBusy(false);
      setState({ of: null, result: null, problem: null });
      return undefined;
    }
    const timer = setTimeout(() => void run(false), pause);
    return () => {
      clearTimeout(timer);
      running.current?.abort();
    };
  }, [run, token]);

  const isCurrent = state.of === token;
  return { result: isCurrent ? state.result : null, problem: isCurrent ? state.problem : null, isBusy, again: ({ refreshKeys = false } = {}) => void run(refreshKeys) };
}
