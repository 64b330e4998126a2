// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';

/** The token behind the # of the address, which then leaves the address bar and so the browser's history. */
export function useFragment(): string {
  const [token, setToken] = useState(() => decodeURIComponent(location.hash.slice(1)));
  useEffect(() => {
    const read = () => {
      if (!location.hash) return;
      setToken(decodeURIComponent(location.hash.slice(1)));
      history.replaceState(history.state, '', location.pathname);
    };
    read();
    addEventListener('hashchange', read); // another link pasted into the same tab
    return () => removeEventListener('hashchange', read);
  }, []);
  return token;
}
