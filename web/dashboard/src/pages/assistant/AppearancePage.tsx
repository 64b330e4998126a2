// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { Check, TriangleAlert } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { api, ifMatch, send, type Versioned } from '../../api/client';
import { useDraft } from '../../api/draft';
import { resource } from '../../api/resource';
import { Card } from '../../ui/Card';
import { Field } from '../../ui/Field';
import { Form } from '../../ui/form';
import { Page } from '../../ui/Page';
import { Problem } from '../../ui/Problem';
import { SaveBar } from '../../ui/SaveBar';
import { SkeletonPage } from '../../ui/Skeleton';
import { TextField } from '../../ui/TextField';
import { toast } from '../../ui/Toast';
import fieldStyles from '../../ui/Field.module.css';
import { useUnsavedGuard } from '../sign-in/guard';
import { isLength, lengthFrom, textAt, withText } from './appearance-draft';
import { contrastChecks, contrastWarning, enough, madeDark, ratioText, toHex } from './contrast';
import { Editable } from './Editable';
import type { JsonObject } from './json';
import { assistantQuery } from './known';
import type { Scene } from './preview';
import { WidgetPreview } from './WidgetPreview';
import styles from './appearance.module.css';

const path = '/environments/{environment}/appearance' as const;
export const appearanceQuery = (environment: string) => resource(path, { path: { environment } });

export function AppearancePage({ environment }: { environment: string }) {
  const loaded = useQuery(appearanceQuery(environment));
  if (loaded.data) return <Editor key={environment} environment={environment} loaded={loaded.data as Versioned<JsonObject>} />;
  return loaded.error ? <Page title="Appearance"><Problem of={loaded.error} /></Page> : <SkeletonPage />;
}

const scenes: readonly { value: Scene; label: string }[] = [
  { value: 'empty', label: 'Empty' }, { value: 'conversation', label: 'Conversation' }, { value: 'sign-in', label: 'Sign-in' }, { value: 'closed', label: 'Closed' },
];

function Editor({ environment, loaded }: { environment: string; loaded: Versioned<JsonObject> }) {
  const params = { path: { environment } };
  const assistant = useQuery(assistantQuery(environment)).data?.data;
  const [scene, setScene] = useState<Scene>('conversation');
  const [side, setSide] = useState<'light' | 'dark'>('light');
  const draft = useDraft<JsonObject, JsonObject>({
    loaded,
    toValue: (data) => data,
    save: (value, etag) => send(api.PUT(path, { params: { ...params, header: ifMatch(etag) }, body: value as never })) as Promise<Versioned<JsonObject>>,
    reload: () => send(api.GET(path, { params })) as Promise<Versioned<JsonObject>>,
    queryKey: appearanceQuery(environment).queryKey,
    onSaved: () => toast('Saved', { description: 'Pages show it when they are loaded anew.' }),
  });
  useUnsavedGuard(draft.isDirty);
  const appearance = draft.value;
  const text = (place: string): string => textAt(appearance, place);
  const set = (place: string) => (value: string): void => draft.set((before) => withText(before, place, value));
  const size = (place: string, label: string, placeholder: string, help?: string): ReactNode => (
    <TextField label={label} isOptional value={text(place)} placeholder={placeholder} onChange={set(place)} onBlur={() => set(place)(lengthFrom(text(place)))} help={help} pointer={`/${place.replace('.', '/')}`}
      error={text(place) && !isLength(lengthFrom(text(place))) ? 'A length, such as 420px, 26rem or 90%.' : null} />
  );
  const primary = text('colors.primary');
  const preview = (theme: 'light' | 'dark'): ReactNode => (
    <figure key={theme} className={styles.figure} data-side={theme} data-chosen={side === theme || undefined}>
      <figcaption>{theme === 'light' ? 'Light' : 'Dark'}</figcaption>
      <div className={styles.page} data-theme={theme}>
        <WidgetPreview label={`The chat, ${theme}`} scene={scene} theme={theme} appearance={appearance as never} greeting={assistant?.greeting} suggestions={assistant?.suggestions} width={text('dimensions.width') || undefined} height={text('dimensions.height') || undefined} />
      </div>
    </figure>
  );

  return (
    <Page title="Appearance" isWide lead="How the chat looks in your pages. What a page says in its own code goes over this.">
      <div className={styles.sides}>
        <Form label="Appearance" problem={draft.problem} onSubmit={draft.save}>
          <Editable>
            <Card title="Words">
              <div className="stack">
                <TextField label="Title" isOptional value={text('title')} onChange={set('title')} placeholder="Chat" pointer="/title" help="At the head of the chat." />
                <TextField label="Placeholder" isOptional value={text('placeholder')} onChange={set('placeholder')} placeholder="Ask anything…" pointer="/placeholder" help="In the empty field." />
                <TextField label="Privacy notice" isOptional isMono type="url" value={text('privacyUrl')} onChange={set('privacyUrl')} placeholder="https://app.example/privacy" pointer="/privacyUrl" help="Linked in the chat’s menu." />
              </div>
            </Card>
            <Card title="Colour">
              <div className="stack">
                <ColorField label="Primary colour" value={primary} fallback="#0b6b5b" onChange={set('colors.primary')} pointer="/colors/primary" />
                <ColorField label="Primary colour where it is dark" value={text('colors.primaryDark')} fallback={(primary && madeDark(primary)) || '#4fd1b5'} onChange={set('colors.primaryDark')} pointer="/colors/primaryDark" help="Made from the other where it is empty." />
                <Contrasts primary={primary} primaryDark={text('colors.primaryDark')} />
              </div>
            </Card>
            <Card title="Type and sizes">
              <div className={styles.grid}>
                <TextField label="Font" isOptional value={text('fontFamily')} onChange={set('fontFamily')} placeholder="system-ui" pointer="/fontFamily" help="A face that your page has. Nothing is fetched." />
                {size('fontSize', 'Text size', '14px')}
                {size('cornerRadius', 'Corners', '6px')}
                {size('dimensions.width', 'Width', '400px')}
                {size('dimensions.height', 'Height', '660px')}
                {size('dimensions.triggerMaxWidth', 'Widest bar', '600px', 'Of the bar that opens the chat.')}
              </div>
            </Card>
            <SaveBar draft={draft} />
          </Editable>
        </Form>
        <section className={styles.previews} aria-label="Preview">
          <div className={styles.tools}>
            <Choice label="What is shown" value={scene} options={scenes} onChange={setScene} />
            <div className={styles.theme}><Choice label="Light or dark" value={side} options={[{ value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]} onChange={setSide} /></div>
          </div>
          <div className={styles.pair}>{preview('light')}{preview('dark')}</div>
        </section>
      </div>
    </Page>
  );
}

function Choice<V extends string>({ label, value, options, onChange }: { label: string; value: V; options: readonly { value: V; label: string }[]; onChange: (value: V) => void }) {
  return (
    <div className={styles.choice} role="group" aria-label={label}>
      {options.map((option) => <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>{option.label}</button>)}
    </div>
  );
}

interface ColorFieldProps {
  label: string;
  value: string;
  /** What holds where nothing is written. */
  fallback: string;
  onChange: (value: string) => void;
  pointer: string;
  help?: string;
}

/** A colour by its number or by the browser's own chooser. */
function ColorField({ label, value, fallback, onChange, pointer, help }: ColorFieldProps) {
  const id = useId();
  return (
    <Field label={label} isOptional pointer={pointer} help={help} error={value && !toHex(value) ? 'Write it as #rrggbb, so that its contrast can be checked.' : null}>
      {(control) => (
        <div className={styles.color}>
          <input type="color" id={id} aria-label={`${label}: choose`} value={toHex(value) ?? toHex(fallback) ?? '#000000'} onChange={(event) => onChange(event.target.value)} />
          <input {...control} type="text" value={value} placeholder={fallback} spellCheck={false} autoCapitalize="none" className={`${fieldStyles.control} ${fieldStyles.mono}`} onChange={(event) => onChange(event.target.value.trim())} />
        </div>
      )}
    </Field>
  );
}

/** The numbers that WCAG counts by, where they matter. */
function Contrasts({ primary, primaryDark }: { primary: string; primaryDark: string }) {
  const checks = contrastChecks({ primary, primaryDark });
  const warnings = checks.map(contrastWarning).filter((one) => one !== undefined);
  return (
    <div className={styles.contrasts}>
      <table>
        <caption className="visually-hidden">Contrast</caption>
        <thead><tr><th scope="col">Contrast</th><th scope="col">Light</th><th scope="col">Dark</th></tr></thead>
        <tbody>
          {[...new Set(checks.map((one) => one.what))].map((what) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              {(['light', 'dark'] as const).map((side) => {
                const one = checks.find((check) => check.what === what && check.side === side);
                return (
                  <td key={side}>
                    {one && one.ratio !== null ? (
                      <span className={one.isEnough ? styles.enough : styles.little}>
                        <span className={styles.swatch} style={{ background: one.on, color: one.color }} aria-hidden />
                        {ratioText(one.ratio)} : 1 {one.isEnough ? <Check aria-label="enough" /> : <TriangleAlert aria-label={`less than ${enough}`} />}
                      </span>
                    ) : <span className="muted">not known</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div role="status">{warnings.map((warning) => <p key={warning} className={styles.warning}>{warning}</p>)}</div>
    </div>
  );
}
