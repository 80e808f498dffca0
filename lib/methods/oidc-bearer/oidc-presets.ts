import type { OmitEach, OptionName } from '../../options/option-names.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { presetMethod } from './preset-method.js';
import { adfs, fusionAuth, hydra, ping } from './presets/adfs-hydra-fusionauth-ping.js';
import { auth0, okta } from './presets/auth0-okta.js';
import { cognito, descope, logto, stytch } from './presets/cognito-logto-stytch-descope.js';
import { b2c, entra } from './presets/entra-b2c.js';
import { githubActions, gitlabCi } from './presets/github-gitlab.js';
import { apple, firebase, google } from './presets/google-apple-firebase.js';
import { authentik, keycloak, zitadel } from './presets/keycloak-zitadel-authentik.js';
import { kubernetes, spiffe } from './presets/kubernetes-spiffe.js';
import { clerk, supabase, workos } from './presets/supabase-clerk-workos.js';
import type { OidcPresetExtras, Provider } from './provider-facts.js';

const PROVIDERS = {
  auth0,
  okta,
  cognito,
  logto,
  stytch,
  descope,
  entra,
  b2c,
  adfs,
  keycloak,
  zitadel,
  authentik,
  hydra,
  fusionAuth,
  ping,
  google,
  apple,
  firebase,
  supabase,
  clerk,
  workos,
  githubActions,
  gitlabCi,
  kubernetes,
  spiffe,
} as const;

/** Name of a provider with a preset. */
export type OidcPresetName = keyof typeof PROVIDERS;

/** Own options of a provider's preset: those that differ per customer. */
type OwnOptions<Name extends OidcPresetName> = (typeof PROVIDERS)[Name] extends Provider<infer Own> ? Own : never;

/**
 * Options of a provider's preset: its own, which differ per customer, and any option of `oidcBearer` for one issuer.
 */
export type OidcPresetOptions<Name extends OidcPresetName> = OwnOptions<Name> &
  OmitEach<OidcPresetExtras, OptionName<OwnOptions<Name>>>;

/** Function that makes the auth method of one provider. */
type MakePreset<Name extends OidcPresetName> = (options: OidcPresetOptions<Name>) => AuthMethod;

const preset =
  <Name extends OidcPresetName>(name: Name): MakePreset<Name> =>
  (options) =>
    // Cast: the name alone tells which options a provider has; its own function checks them.
    presetMethod(name, PROVIDERS[name] as unknown as Provider<Record<string, unknown>>, options);

/**
 * Presets of `oidcBearer` for identity providers: with the provider's names for its issuer, its rule about audiences,
 * the kinds and claims of its tokens, and the marks of its programs. Each preset needs only the options that differ per
 * customer, takes any option of {@link oidcBearer} beside them, which replaces the preset's value, and returns an auth
 * method.
 *
 * ```ts
 * app.use(oidcPresets.auth0({ domain: 'acme.eu.auth0.com', audience: 'https://api.acme.com' }));
 * ```
 */
export const oidcPresets = {
  auth0: preset('auth0'),
  okta: preset('okta'),
  cognito: preset('cognito'),
  logto: preset('logto'),
  stytch: preset('stytch'),
  descope: preset('descope'),
  entra: preset('entra'),
  b2c: preset('b2c'),
  adfs: preset('adfs'),
  keycloak: preset('keycloak'),
  zitadel: preset('zitadel'),
  authentik: preset('authentik'),
  hydra: preset('hydra'),
  fusionAuth: preset('fusionAuth'),
  ping: preset('ping'),
  google: preset('google'),
  apple: preset('apple'),
  firebase: preset('firebase'),
  supabase: preset('supabase'),
  clerk: preset('clerk'),
  workos: preset('workos'),
  githubActions: preset('githubActions'),
  gitlabCi: preset('gitlabCi'),
  kubernetes: preset('kubernetes'),
  spiffe: preset('spiffe'),
};
