// SPDX-License-Identifier: Apache-2.0
import { useEnvironment, useParam } from '../../api/environment';
import { VisitorPage } from './VisitorPage';

export default function Visitor() {
  return <VisitorPage environment={useEnvironment().id} visitor={useParam('visitor')} />;
}
