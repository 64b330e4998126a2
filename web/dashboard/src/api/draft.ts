// SPDX-License-Identifier: Apache-2.0
// What somebody is changing, and the version it was read at: two administrators never overwrite each other silently.
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Versioned } from './client';
import type { ApiProblem } from './problem';

/** A change that met another one (412): theirs is what stands now. */
export interface Conflict<Data> {
  theirs: Versioned<Data>;
}

export interface Draft<Value, Data> {
  /** What the form shows. */
  value: Value;
  /** Changes some members: `set({ name })`, or all by a function of the value before. */
  set: (change: Partial<Value> | ((value: Value) => Value)) => void;
  isDirty: boolean;
  isSaving: boolean;
  /** Why saving failed, but for a conflict. */
  problem: ApiProblem | null;
  conflict: Conflict<Data> | null;
  /** Sends it; resolves to whether it was taken. */
  save: () => Promise<boolean>;
  /** Throws the changes away. */
  reset: () => void;
  /** In a conflict: sends ours over theirs, or drops ours. */
  overwrite: () => Promise<boolean>;
  takeTheirs: () => void;
  /** In a conflict: ours and theirs in the form's own shape, to be compared. */
  compare: () => { ours: Value; theirs: Value } | null;
}

interface Options<Data, Value> {
  /** What was read, from `useQuery(resource(…))`. */
  loaded: Versioned<Data>;
  /** The part of it that the form changes: all that `save` sends. */
  toValue: (data: Data) => Value;
  /** The PUT or PATCH, by `send(api.PUT(…, { params: { header: ifMatch(etag) } }))`. */
  save: (value: Value, etag: string | null) => Promise<Versioned<Data>>;
  /** Reads what stands now, after a 412: `() => send(api.GET(…))`. */
  reload: () => Promise<Versioned<Data>>;
  /** The query whose answer is replaced by what saving answered; further ones are dropped by `onSaved`. */
  queryKey: QueryKey;
  onSaved?: (saved: Versioned<Data>) => void;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The state of a form over one versioned resource. A reading in the background never changes a form that has changes:
 * the version sent is the one that the form was filled from. */
export function useDraft<Data, Value>(options: Options<Data, Value>): Draft<Value, Data> {
  const { loaded, toValue } = options;
  const client = useQueryClient();
  const [base, setBase] = useState(loaded);
  const [edited, setEdited] = useState<Value | null>(null);
  const [conflict, setConflict] = useState<Conflict<Data> | null>(null);
  const latest = useRef(options);
  latest.current = options;

  // Nothing changed here: show what is read. Something changed: stay with what it was changed from.
  const current = edited === null ? loaded : base;
  const clean = useMemo(() => toValue(current.data), [current]);
  const value = edited ?? clean;
  const isDirty = edited !== null && !same(edited, clean);
  const valueNow = useRef(value);
  valueNow.current = value;

  const mutation = useMutation<Versioned<Data>, ApiProblem, { value: Value; etag: string | null }>({
    mutationFn: ({ value, etag }) => latest.current.save(value, etag),
  });

  /** `from` is what the form was filled from. A version that rose without touching what the form shows (another part of
   * the same configuration) is no conflict: the change is sent again, on top of it. */
  const attempt = useCallback(async (from: Versioned<Data>, attempts = 3): Promise<boolean> => {
    const sent = valueNow.current;
    try {
      const saved = await mutation.mutateAsync({ value: sent, etag: from.etag });
      client.setQueryData(latest.current.queryKey, saved);
      setBase(saved);
      // What was typed while it was being saved stays.
      setEdited((now) => (now === null || same(now, sent) ? null : now));
      setConflict(null);
      latest.current.onSaved?.(saved);
      return true;
    } catch (error) {
      if ((error as ApiProblem).code === 'changed-meanwhile') {
        mutation.reset();
        const theirs = await latest.current.reload();
        if (attempts > 1 && same(latest.current.toValue(theirs.data), latest.current.toValue(from.data))) return attempt(theirs, attempts - 1);
        setConflict({ theirs });
      }
      return false;
    }
  }, [client, mutation.mutateAsync, mutation.reset]);

  return {
    value,
    set: (change) => {
      if (edited === null) setBase(loaded);
      const next = typeof change === 'function' ? (change as (value: Value) => Value)(valueNow.current) : { ...valueNow.current, ...change };
      valueNow.current = next;
      setEdited(next);
    },
    isDirty,
    isSaving: mutation.isPending,
    problem: mutation.error,
    conflict,
    save: () => attempt(current),
    reset: () => {
      mutation.reset();
      setEdited(null);
      setConflict(null);
    },
    overwrite: () => (conflict ? attempt(conflict.theirs) : Promise.resolve(false)),
    takeTheirs: () => {
      if (!conflict) return;
      client.setQueryData(latest.current.queryKey, conflict.theirs);
      mutation.reset();
      setEdited(null);
      setConflict(null);
    },
    compare: () => (conflict ? { ours: value, theirs: toValue(conflict.theirs.data) } : null),
  };
}
