// SPDX-License-Identifier: Apache-2.0
import { Plus, X } from 'lucide-react';
import { useRight } from '../../api/session';
import { Button } from '../../ui/Button';
import { allProducts, ProductPicker } from '../../ui/ProductPicker';
import { Select } from '../../ui/Select';
import type { NamedGrant } from './grants';
import { roles, type Role } from './rights';
import styles from './GrantsField.module.css';

interface GrantsFieldProps {
  value: readonly NamedGrant[];
  onChange: (value: NamedGrant[]) => void;
}

/** Roles, each in one product or in all. Offers only what oneself may give; the server decides. */
export function GrantsField({ value, onChange }: GrantsFieldProps) {
  const isOwner = useRight('own');
  const offered = roles.filter(({ role }) => isOwner || role !== 'owner');
  const change = (at: number, grant: Partial<NamedGrant>) => onChange(value.map((one, index) => (index === at ? { ...one, ...grant } : one)));
  return (
    <fieldset className={styles.grants}>
      <legend>Roles</legend>
      {value.map((grant, at) => (
        <div key={at} className={styles.grant}>
          <Select<Role> label="Role" value={grant.role} pointer={`/roles/${at}/role`} onChange={(role) => change(at, role === 'owner' ? { role, product: null, productName: null } : { role })}
            options={offered.map(({ role, label }) => ({ value: role, label }))} help={roles.find(({ role }) => role === grant.role)?.help} />
          {grant.role !== 'owner' && (
            <ProductPicker label="In" pointer={`/roles/${at}/product`} hasAll={isOwner} value={grant.product === null ? allProducts : { id: grant.product, name: grant.productName ?? '' }}
              onChange={({ id, name }) => change(at, { product: id, productName: id === null ? null : name })} />
          )}
          <Button kind="quiet" icon={<X aria-hidden />} aria-label={`Remove role ${at + 1}`} onClick={() => onChange(value.filter((_, index) => index !== at))} className={styles.remove} />
        </div>
      ))}
      <div><Button size="small" icon={<Plus aria-hidden />} onClick={() => onChange([...value, { role: 'developer', product: null, productName: null }])}>Add a role</Button></div>
    </fieldset>
  );
}
