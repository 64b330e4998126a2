// SPDX-License-Identifier: Apache-2.0
import { Checkbox } from '../../ui/Switch';
import { TextField } from '../../ui/TextField';
import type { Provider } from './data';
import type { ProviderSettings } from './issuer';

interface ProviderFieldsProps {
  provider: Provider;
  value: ProviderSettings;
  onChange: (value: ProviderSettings) => void;
  /** Where `provider` stands in what is sent: "/provider", or "/issuer/provider" for a preview. */
  pointer?: string;
}

export function problemOfField(field: Provider['fields'][number], value: string): string | null {
  const text = value.trim();
  if (text === '') return null; // said when it is sent
  return new RegExp(field.pattern, 'u').test(text) ? null : `This does not look like it: ${field.placeholder}`;
}

export const isFilledIn = (provider: Provider, fields: Record<string, string>): boolean =>
  provider.fields.every((field) => {
    const value = fields[field.name]?.trim() ?? '';
    return value === '' ? !field.isRequired : problemOfField(field, value) === null;
  });

/** Exactly the fields that the provider's catalogue entry names, and "offline access" where it offers that. */
export function ProviderFields({ provider, value, onChange, pointer = '/provider' }: ProviderFieldsProps) {
  return (
    <>
      {provider.fields.map((field) => (
        <TextField
          key={field.name} label={field.label} help={field.help} placeholder={field.placeholder} isOptional={!field.isRequired} isMono autoComplete="off" data-field={field.name} pointer={`${pointer}/fields/${field.name}`}
          value={value.fields[field.name] ?? ''} error={problemOfField(field, value.fields[field.name] ?? '')}
          onChange={(text) => {
            const { [field.name]: _, ...others } = value.fields;
            onChange({ ...value, fields: text === '' ? others : { ...value.fields, [field.name]: text } });
          }}
        />
      ))}
      {provider.offersOfflineAccess && (
        <Checkbox
          label="Offline access" isOn={value.offlineAccess ?? false} onChange={(offlineAccess) => onChange({ ...value, offlineAccess })} pointer={`${pointer}/offlineAccess`}
          help={`For tools that act at ${provider.name} in the visitor’s name, without a connection step of their own. It is noted in the settings; nothing asks ${provider.name} for a refresh token yet.`}
        />
      )}
    </>
  );
}
