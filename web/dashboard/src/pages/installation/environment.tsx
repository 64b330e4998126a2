// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { environmentQuery, useEnvironment } from '../../api/environment';
import { useRight } from '../../api/session';
import { InlineCode } from '../../ui/Code';
import { Page } from '../../ui/Page';
import { Tabs } from '../../ui/Tabs';
import { ConfigurationFile } from './ConfigurationFile';
import { DeleteEnvironment, EnvironmentName } from './EnvironmentName';
import { documentQuery, keysQuery, limitsQuery, originsQuery } from './environment-queries';
import { Keys } from './Keys';
import { Limits } from './Limits';
import { Origins } from './Origins';
import { settingsSections, type SettingsSection } from './settings-sections';

export const prefetch = (client: QueryClient, { environment = '' }: Record<string, string>) =>
  Promise.all([
    client.ensureQueryData(environmentQuery(environment)), client.ensureInfiniteQueryData(keysQuery(environment)), client.ensureQueryData(originsQuery(environment)),
    client.ensureQueryData(limitsQuery(environment)), client.ensureQueryData(documentQuery(environment)),
  ]);

/** Settings of one environment. */
export default function EnvironmentSettingsPage() {
  const environment = useEnvironment();
  const navigate = useNavigate();
  const { section = 'keys' } = useSearch({ strict: false }) as { section?: SettingsSection };
  const mayManage = useRight('manage', environment.productId);
  const content: Record<SettingsSection, ReactNode> = {
    keys: <><Keys /><Origins /></>,
    limits: <Limits />,
    file: <ConfigurationFile />,
    environment: <><EnvironmentName />{mayManage && <DeleteEnvironment />}</>,
  };
  return (
    <Page title="Settings" lead={<>Of <Link to="/products/$product" params={{ product: environment.productId }}>{environment.productName}</Link>, environment {environment.name}: <InlineCode code={environment.id} label="Copy the environment’s id" /></>}>
      <Tabs label="Settings" value={section} onChange={(next) => void navigate({ to: '.', search: next === 'keys' ? {} : { section: next } as never, replace: true })}
        tabs={settingsSections.map(({ value, label }) => ({ value, label, content: content[value] }))} />
    </Page>
  );
}
