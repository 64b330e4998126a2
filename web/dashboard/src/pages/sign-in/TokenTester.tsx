// SPDX-License-Identifier: Apache-2.0
/** "Test a token": pasted at the left, judged at the right at once. Stands on a page of its own and at the end of every setup. */
import { RefreshCw, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Card } from '../../ui/Card';
import { Code } from '../../ui/Code';
import { Problem } from '../../ui/Problem';
import { Select } from '../../ui/Select';
import { TextArea } from '../../ui/TextField';
import { Time } from '../../ui/Time';
import { Verdict } from '../../ui/Verdict';
import { Claims } from './claims';
import { useIssuers } from './data';
import { Fix } from './Fix';
import { fetchesKeys } from './issuer';
import { tokenIn } from './paste';
import { Ticked } from './Ticked';
import styles from './TokenTester.module.css';
import { useTokenTest, type TokenTest } from './verify';

interface TokenTesterProps {
  environment: string;
  /** Names to choose from; with one or none there is nothing to choose. */
  issuers: readonly string[];
  /** Judge by this one's rules from the beginning. */
  issuer?: string | null;
  /** Sign-in settings that are not saved yet. */
  draft?: object | null;
  /** Only what a setup needs at its end: verdict, fix, identity. */
  isBrief?: boolean;
  onVerified?: (result: TokenTest) => void;
}

const byItself = '';

export function TokenTester({ environment, issuers, issuer: given = null, draft = null, isBrief = false, onVerified }: TokenTesterProps) {
  const [pasted, setPasted] = useState('');
  const [issuer, setIssuer] = useState<string>(given ?? byItself);
  const token = pasted === '' ? null : tokenIn(pasted);
  const testing = useTokenTest(environment, token, issuer === byItself ? null : issuer, draft);
  const { result, problem, isBusy, again } = testing;
  const known = useIssuers(environment).issuers;
  const meant = issuer === byItself ? issuers : [issuer];
  const hasKeysToFetch = known === null || known.some((one) => meant.includes(one.name) && fetchesKeys(one));
  const field = useRef<HTMLTextAreaElement>(null);
  const told = useRef(onVerified);
  told.current = onVerified;

  useEffect(() => {
    if (result?.verified) told.current?.(result);
  }, [result]);

  const clear = () => {
    setPasted('');
    field.current?.focus();
  };
  const form = (
    <>
      <TextArea
        ref={field} label="Paste a real token" value={pasted} onChange={setPasted} rows={isBrief ? 5 : 9} isMono autoComplete="off" data-1p-ignore="" data-lpignore="true" placeholder="eyJhbGciOi…"
        help="From your app, the browser’s developer tools or your provider’s dashboard. It is verified and forgotten: it is never stored, never logged and never in an address."
      />
      {issuers.length > 1 && (
        <Select
          label="Issuer" value={issuer} onChange={setIssuer}
          options={[{ value: byItself, label: 'By what the token says' }, ...issuers.map((name) => ({ value: name, label: name }))]}
        />
      )}
      <div className="row">
        <Button icon={<RefreshCw aria-hidden />} disabled={token === null} isBusy={isBusy} onClick={() => again({ refreshKeys: hasKeysToFetch })}>{hasKeysToFetch ? 'Refresh JWKS + verify' : 'Verify again'}</Button>
        {pasted !== '' && <Button kind="quiet" icon={<X aria-hidden />} onClick={clear}>Clear</Button>}
      </div>
      {result?.key?.wasRefreshed && <p className="muted">The keys were fetched just now.</p>}
    </>
  );
  return (
    <div className={isBrief ? 'stack' : styles.columns}>
      <div className={styles.paste}>{isBrief ? form : <Card title="Token">{form}</Card>}</div>
      <div className={styles.results} aria-busy={isBusy}>
        <Problem of={problem} />
        {result ? <Result environment={environment} result={result} isBrief={isBrief} again={again} /> : !problem && <Waiting isEmpty={token === null} isBrief={isBrief} />}
      </div>
    </div>
  );
}

function Waiting({ isEmpty, isBrief }: { isEmpty: boolean; isBrief: boolean }) {
  if (isBrief && isEmpty) return null;
  return (
    <Verdict kind="waiting" title={isEmpty ? 'Waiting for a token' : 'Verifying…'}>
      {isEmpty && <p>The verdict appears here by itself: whether the token is good, and if not, why and what to do. Below it, the identity exactly as your tools get it.</p>}
    </Verdict>
  );
}

interface ResultProps {
  environment: string;
  result: TokenTest;
  isBrief: boolean;
  again: (options?: { refreshKeys?: boolean }) => void;
}

function Result({ environment, result, isBrief, again }: ResultProps) {
  const { verified, reason, detail, message, meaning, fix, visitorMessage, warnings } = result;
  return (
    <>
      <Verdict
        kind={verified ? 'good' : 'bad'} title={verified ? 'Verified' : 'Not verified'} code={reason}
        action={!verified && <Fix environment={environment} result={result} again={again} />}
      >
        <p><Ticked text={message} /></p>
        {!verified && meaning && meaning !== message && <p><Ticked text={meaning} /></p>}
        {!verified && fix && <p><strong>What to do:</strong> <Ticked text={fix} /></p>}
        {!verified && detail && <p className={styles.small}>Detail <code>{detail}</code>, as it stands in the audit log.</p>}
        {!verified && visitorMessage && <p className={styles.small}>The visitor reads: “{visitorMessage}”</p>}
        {verified && <Key result={result} />}
      </Verdict>
      {warnings.map((warning) => (
        <Verdict key={warning.code} kind="warning" title={warning.message} code={isBrief ? null : warning.code} />
      ))}
      {result.identity && (
        <Card title="Who it is" lead="The identity exactly as your tools and the assistant get it." actions={result.issuer && <Badge>{result.issuer}</Badge>}>
          <Code title="user" code={JSON.stringify(result.identity, null, 2)} isWrapped />
          {result.permissions.length > 0 && (
            <div className={styles.permissions}>
              <span className="muted">Permissions</span>
              {result.permissions.map((one) => <Badge key={one}>{one}</Badge>)}
            </div>
          )}
        </Card>
      )}
      {!isBrief && (result.claims.length > 0 || result.header) && <Inside result={result} />}
    </>
  );
}

function Key({ result }: { result: TokenTest }) {
  const { key, times } = result;
  const ends = times.find((time) => time.name === 'exp');
  const source = key?.source === 'secret' ? 'the shared secret' : key?.source === 'pasted' ? 'a pasted key' : 'a fetched key';
  return (
    <p className={styles.small}>
      {ends && <>It {ends.words}. </>}
      {key && (
        <>
          Signed with {source}{key.kid && <> <code>{key.kid}</code></>}{key.alg && <> ({key.alg})</>}
          {key.fetchedAt && <>, keys fetched <Time at={key.fetchedAt} /></>}.
        </>
      )}
    </p>
  );
}

function Inside({ result }: { result: TokenTest }) {
  const { claims, times, header, lifetimeWords, verified } = result;
  return (
    <Card title="What is in it" lead={verified ? 'Every claim, and what becomes of it.' : 'Decoded, not proven: a token that does not verify may say anything.'}>
      {times.length > 0 && (
        <dl className={styles.times}>
          {times.map((time) => (
            <div key={time.name}><dt><code>{time.name}</code></dt><dd>{time.words} <span className="muted"><Time at={time.at} isExact /></span></dd></div>
          ))}
          {lifetimeWords && <div><dt>lifetime</dt><dd>{lifetimeWords}</dd></div>}
        </dl>
      )}
      {claims.length > 0 && <Claims title="Claims" claims={claims} times={times} isProven={verified} />}
      {header && <Code title="header" code={JSON.stringify(header, null, 2)} isWrapped />}
    </Card>
  );
}
