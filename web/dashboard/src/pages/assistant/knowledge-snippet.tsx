// SPDX-License-Identifier: Apache-2.0
import { useEnvironment, useParam } from '../../api/environment';
import { KnowledgeSnippetPage } from './KnowledgeEditor';

export default function KnowledgeSnippet() {
  return <KnowledgeSnippetPage environment={useEnvironment().id} id={useParam('id')} />;
}
