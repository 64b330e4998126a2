// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type ComponentType, type ReactNode } from 'react';

type Later<Props> = ComponentType<Props> & { prefetch: () => void };

/**
 * A component whose code comes after the first paint: asked for when the browser is idle, or when it is drawn, whichever is first.
 * Until then `placeholder` stands in its place, of the same size. Once the code is there it is drawn at once, without a suspended
 * moment: `lazy` would draw its fallback even then.
 */
export function later<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>, placeholder: (props: Props) => ReactNode = () => null): Later<Props> {
  let loaded: ComponentType<Props> | null = null;
  let loading: Promise<void> | null = null;
  const fetch = () =>
    (loading ??= load().then(
      (module) => void (loaded = module.default),
      (error: unknown) => {
        loading = null; // the next time it is tried anew
        throw error;
      },
    ));

  function Later(props: Props) {
    const [failure, setFailure] = useState<{ error: unknown } | null>(null);
    const [, setIsThere] = useState(loaded !== null);
    useEffect(() => {
      let isGone = false;
      fetch().then(() => isGone || setIsThere(true), (error: unknown) => isGone || setFailure({ error }));
      return () => void (isGone = true);
    }, []);
    if (failure) throw failure.error; // as a page that could not be read
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : placeholder(props);
  }
  return Object.assign(Later, { prefetch: () => whenIdle(() => void fetch().catch(() => undefined)) });
}

/** Safari has no requestIdleCallback. */
const whenIdle = (work: () => void): void => {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(work, 300);
};
