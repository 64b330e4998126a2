// SPDX-License-Identifier: Apache-2.0
import { AuditPage } from './AuditPage';

export default function InstallationAudit() {
  return <AuditPage environment={null} name="installation" />;
}
