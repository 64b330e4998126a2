// SPDX-License-Identifier: Apache-2.0
// The pages as the navigation and the command palette list them. A page appears when the router knows its path.
import {
  BotMessageSquare, Building2, ChartLine, FlaskConical, Fingerprint, Globe, KeyRound, LayoutDashboard, LibraryBig, MessagesSquare, Paintbrush, Play, ScrollText, Settings, ShieldCheck, UserRound, UsersRound, Waypoints, Wrench, type LucideIcon,
} from 'lucide-react';

export interface Place {
  /** A path of the router: of an environment ("/e/$environment/…"), or of the installation. */
  to: string;
  title: string;
  icon: LucideIcon;
  /** Further words by which the palette finds it. */
  words?: string;
}

export interface Section {
  title: string | null;
  places: readonly Place[];
}

export const sections: readonly Section[] = [
  {
    title: null,
    places: [
      { to: '/e/$environment/start', title: 'Start', icon: Play, words: 'mode guide setup wizard' },
      { to: '/e/$environment/overview', title: 'Overview', icon: ChartLine, words: 'charts statistics messages latency' },
    ],
  },
  {
    title: 'Sign-in',
    places: [
      { to: '/e/$environment/sign-in', title: 'Visitor sign-in', icon: Fingerprint, words: 'jwks mode issuer audience claim mapping enforcement' },
      { to: '/e/$environment/identity-federation', title: 'Identity federation', icon: KeyRound, words: 'signing secret rotate hmac' },
      { to: '/e/$environment/federation', title: 'Federation', icon: Waypoints, words: 'provider auth0 clerk cognito workos firebase oidc' },
      { to: '/e/$environment/test-token', title: 'Test a token', icon: FlaskConical, words: 'jwt verify debug claims' },
      { to: '/e/$environment/key-sets', title: 'Key sets', icon: ShieldCheck, words: 'jwks refresh health' },
    ],
  },
  {
    title: 'Assistant',
    places: [
      { to: '/e/$environment/tools', title: 'Custom tools', icon: Wrench, words: 'functions schema' },
      { to: '/e/$environment/knowledge', title: 'Knowledge', icon: LibraryBig, words: 'snippets answers' },
      { to: '/e/$environment/assistant', title: 'Greeting and model', icon: BotMessageSquare, words: 'assistant llm openai rules suggestions key' },
      { to: '/e/$environment/appearance', title: 'Appearance', icon: Paintbrush, words: 'theme colours widget' },
    ],
  },
  {
    title: 'People',
    places: [
      { to: '/e/$environment/visitors', title: 'Visitors', icon: UserRound, words: 'users erase export revoke gdpr' },
      { to: '/e/$environment/conversations', title: 'Conversations', icon: MessagesSquare, words: 'messages chats' },
    ],
  },
  {
    title: 'Trust',
    places: [
      { to: '/e/$environment/audit', title: 'Audit', icon: ScrollText, words: 'log trail events' },
      { to: '/admins', title: 'Admins', icon: UsersRound, words: 'administrators invite roles team' },
      { to: '/e/$environment/settings', title: 'Settings', icon: Settings, words: 'keys origins limits configuration file export import' },
      { to: '/settings', title: 'Installation', icon: Building2, words: 'single sign-on sso oidc settings checks health' },
    ],
  },
];

/** Beside the sections: in the palette. */
export const further: readonly Place[] = [
  { to: '/products', title: 'Products', icon: LayoutDashboard, words: 'environments list switch' },
  { to: '/audit', title: 'Audit of the installation', icon: Globe, words: 'log trail events administrators' },
  { to: '/account', title: 'Your account', icon: UserRound, words: 'password totp passkey sessions api tokens theme' },
];
