// SPDX-License-Identifier: Apache-2.0
/** The settings of one issuer, as fields. Pointers are those of the issuer as it is sent. */
import { useState } from 'react';
import { RadioGroup, Checkbox } from '../../ui/Switch';
import { TextArea, TextField } from '../../ui/TextField';
import styles from './IssuerFields.module.css';
import { algorithmsOf, problemOfKeySetUrl, readKeys, type Issuer } from './issuer';
import { ListField } from './ListField';

interface FieldsProps {
  value: Issuer;
  set: (change: Partial<Issuer>) => void;
}

/** Where the public keys of an issuer in key-set mode are. */
export function KeyFields({ value, set }: FieldsProps) {
  const [source, setSource] = useState<'url' | 'pasted'>(value.keys ? 'pasted' : 'url');
  const [pasted, setPasted] = useState(() => (value.keys ? JSON.stringify(value.keys, null, 2) : ''));
  const read = readKeys(pasted);
  return (
    <>
      <RadioGroup
        label="Where its public keys are" value={source}
        onChange={(next) => {
          setSource(next);
          if (next === 'url') set({ keys: undefined });
          else set({ keySetUrl: '', ...(read.keys ? { keys: read.keys } : {}) });
        }}
        options={[
          { value: 'url', label: 'At a JWKS URL', help: 'Fetched when needed and renewed in the background: a new key of the issuer is found by itself.' },
          { value: 'pasted', label: 'Pasted here', help: 'For issuers that serve no keys. A new key must be pasted.' },
        ]}
      />
      {source === 'url' ? (
        <TextField
          label="JWKS URL" isMono inputMode="url" data-field="keySetUrl" pointer="/keySetUrl" placeholder="https://id.example/.well-known/jwks.json" value={value.keySetUrl ?? ''} onChange={(keySetUrl) => set({ keySetUrl, keys: undefined })}
          error={problemOfKeySetUrl(value.keySetUrl ?? '')} help="Public, without a sign-in. A JWK set, or a map of key ids to certificates as Firebase has it."
        />
      ) : (
        <TextArea
          label="Public keys" isMono rows={8} data-field="keys" pointer="/keys" placeholder={'{ "keys": [ { "kty": "OKP", … } ] }'} value={pasted} error={read.problem} help="A JWK set, one JWK, or a map of key ids to certificates. Never a private key."
          onChange={(text) => {
            setPasted(text);
            const { keys, problem } = readKeys(text);
            if (problem === null) set({ keys: keys ?? undefined, keySetUrl: '' });
          }}
        />
      )}
    </>
  );
}

/** What the token must say: who issued it and whom it is for. */
export function ClaimRuleFields({ value, set }: FieldsProps) {
  return (
    <>
      <TextField
        label="Issuer" isOptional isMono data-field="issuer" pointer="/issuer" placeholder="https://id.example/" value={value.issuer ?? ''} onChange={(issuer) => set({ issuer })}
        help={<>What <code>iss</code> must be, letter for letter: a slash at the end counts. Empty: it is not checked.</>}
      />
      <ListField
        label="Audiences" isOptional pointer="/audiences" placeholder="chat" value={value.audiences} onChange={(audiences) => set({ audiences })}
        help={<>One of them must be in <code>aud</code>. One a line. Empty: it is not checked.</>}
      />
    </>
  );
}

/** What is rarely changed. */
export function FurtherFields({ value, set, isProvider }: FieldsProps & { isProvider: boolean }) {
  const all = algorithmsOf[value.mode];
  const chosen = value.algorithms ?? [];
  const isOpen = Boolean(value.types?.length || chosen.length || value.permissionClaims?.length || value.leewaySeconds !== undefined);
  return (
    <details className={styles.further} open={isOpen || undefined}>
      <summary>Algorithms, types, leeway, permissions</summary>
      <div className="stack">
        {!isProvider && (
          <fieldset className={styles.algorithms}>
            <legend>Algorithms</legend>
            <p className={styles.help}>{chosen.length === 0 ? 'All of these are taken. Choose those that your issuer really uses, to narrow it down.' : 'Only those that are chosen are taken.'}</p>
            <div className={styles.choices}>
              {all.map((algorithm) => (
                <Checkbox
                  key={algorithm} label={<code>{algorithm}</code>} isOn={chosen.includes(algorithm)}
                  onChange={(isOn) => set({ algorithms: all.filter((one) => (one === algorithm ? isOn : chosen.includes(one))) })}
                />
              ))}
            </div>
          </fieldset>
        )}
        {!isProvider && (
          <ListField
            label="Types" isOptional pointer="/types" placeholder="at+jwt" value={value.types} onChange={(types) => set({ types })}
            help={<>What <code>typ</code> in the token’s header must be, where the issuer also signs tokens of other kinds. Empty: <code>JWT</code>, <code>at+jwt</code> or none.</>}
          />
        )}
        <TextField
          label="Leeway" isOptional type="number" min={0} max={60} inputMode="numeric" pointer="/leewaySeconds" placeholder="60" value={value.leewaySeconds?.toString() ?? ''}
          onChange={(text) => set({ leewaySeconds: text === '' ? (undefined) : Math.trunc(Number(text)) })} help="For clocks that differ: 0 to 60 seconds."
        />
        <ListField
          label="Permission claims" isOptional pointer="/permissionClaims" placeholder={'scope\npermissions'} value={value.permissionClaims} onChange={(permissionClaims) => set({ permissionClaims })}
          help={<>Claims whose words are the visitor’s permissions. Empty: <code>scope</code>, <code>scp</code>, <code>permissions</code>, <code>roles</code>.</>}
        />
      </div>
    </details>
  );
}
