// SPDX-License-Identifier: Apache-2.0
/** The parts of an environment's settings, as the address names them. */
export const settingsSections = [
  { value: 'keys', label: 'Keys and origins' },
  { value: 'limits', label: 'Limits' },
  { value: 'file', label: 'Configuration as a file' },
  { value: 'environment', label: 'Environment' },
] as const;
export type SettingsSection = (typeof settingsSections)[number]['value'];
