// SPDX-License-Identifier: Apache-2.0
import { useEnvironment } from '../../api/environment';
import { AuditPage } from './AuditPage';

export default function Audit() {
  const { id, productName, name } = useEnvironment();
  return <AuditPage key={id} environment={id} name={`${productName}-${name}`} />;
}
