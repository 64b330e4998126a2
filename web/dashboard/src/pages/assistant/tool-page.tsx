// SPDX-License-Identifier: Apache-2.0
import { useEnvironment, useParam } from '../../api/environment';
import { ToolPage } from './ToolPage';

export default function Tool() {
  return <ToolPage environment={useEnvironment().id} name={useParam('name')} />;
}
