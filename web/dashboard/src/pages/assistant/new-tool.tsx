// SPDX-License-Identifier: Apache-2.0
import { useEnvironment } from '../../api/environment';
import { NewToolPage } from './ToolPage';

export default function NewTool() {
  return <NewToolPage environment={useEnvironment().id} />;
}
