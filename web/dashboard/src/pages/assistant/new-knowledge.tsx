// SPDX-License-Identifier: Apache-2.0
import { useEnvironment } from '../../api/environment';
import { NewKnowledgePage } from './KnowledgeEditor';

export default function NewKnowledge() {
  return <NewKnowledgePage environment={useEnvironment().id} />;
}
