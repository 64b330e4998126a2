// SPDX-License-Identifier: Apache-2.0
/** The code for the page, with the environment's real ids. */
import { useQuery } from '@tanstack/react-query';
import { pageSnippets, serverSnippet, type TokenSource } from '../../snippets/page';
import { Problem } from '../../ui/Problem';
import { SkeletonRows } from '../../ui/Skeleton';
import { environmentOf } from './data';
import { SnippetTabs, SnippetView } from './SigningCode';

interface PageCodeProps {
  environment: string;
  source: TokenSource;
  fields?: Readonly<Record<string, string>>;
  /** For a server of the company's own that speaks for the page. */
  isForServer?: boolean;
}

export function PageCode({ environment, source, fields = {}, isForServer = false }: PageCodeProps) {
  const { data, error } = useQuery(environmentOf(environment));
  if (!data) return error ? <Problem of={error} /> : <SkeletonRows />;
  const context = { serverUrl: location.origin, productId: data.data.productId, publishableKey: data.data.publishableKey ?? '', fields };
  if (context.publishableKey === '') return <p>This environment has no publishable key any more: make one in Settings.</p>;
  if (isForServer) return <SnippetView snippet={serverSnippet(context)} />;
  return <SnippetTabs label="How your page is made" snippets={pageSnippets(source, context)} />;
}
