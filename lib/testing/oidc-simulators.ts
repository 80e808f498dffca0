import type { OidcPresetName } from '../methods/oidc-bearer/oidc-presets.js';
import * as configurable from './oidc-products/adfs-hydra-fusionauth-ping.js';
import * as customers from './oidc-products/auth0-okta.js';
import * as clouds from './oidc-products/cognito-logto-stytch-descope.js';
import * as microsoft from './oidc-products/entra-b2c.js';
import * as pipelines from './oidc-products/github-gitlab.js';
import * as social from './oidc-products/google-apple-firebase.js';
import * as hosted from './oidc-products/keycloak-zitadel-authentik.js';
import * as workloads from './oidc-products/kubernetes-spiffe.js';
import * as sessions from './oidc-products/supabase-clerk-workos.js';
import { type OidcProduct, type OidcSimulator, startOidcSimulator } from './oidc-simulator.js';

type StartSimulator<Own> = (own?: Partial<Own>) => Promise<OidcSimulator<Own & { jwksUri: string }>>;

function simulator<Own extends object>(product: OidcProduct<Own>): StartSimulator<Own> {
  return (own = {}) => startOidcSimulator(product, own);
}

/**
 * Starts simulators of the providers of `oidcPresets`. A simulator publishes its keys over HTTP on this machine and signs
 * tokens as the provider documents them: a person's, a program's, or the ID token of a sign-in.
 *
 * ```ts
 * const okta = await oidcSimulators.okta({ domain: 'acme.okta.com' });
 * app.use(oidcPresets.okta(okta.options));
 * await request(app).get('/').set('authorization', `Bearer ${await okta.token({ sub: 'ann@example.com' })}`);
 * await okta.close();
 * ```
 */
export const oidcSimulators = {
  auth0: simulator(customers.auth0),
  okta: simulator(customers.okta),
  cognito: simulator(clouds.cognito),
  logto: simulator(clouds.logto),
  stytch: simulator(clouds.stytch),
  descope: simulator(clouds.descope),
  entra: simulator(microsoft.entra),
  b2c: simulator(microsoft.b2c),
  adfs: simulator(microsoft.adfs),
  keycloak: simulator(hosted.keycloak),
  zitadel: simulator(hosted.zitadel),
  authentik: simulator(hosted.authentik),
  hydra: simulator(configurable.hydra),
  fusionAuth: simulator(configurable.fusionAuth),
  ping: simulator(configurable.ping),
  google: simulator(social.google),
  apple: simulator(social.apple),
  firebase: simulator(social.firebase),
  supabase: simulator(sessions.supabase),
  clerk: simulator(sessions.clerk),
  workos: simulator(sessions.workos),
  githubActions: simulator(pipelines.githubActions),
  gitlabCi: simulator(pipelines.gitlabCi),
  kubernetes: simulator(workloads.kubernetes),
  spiffe: simulator(workloads.spiffe),
} satisfies Record<OidcPresetName, unknown>;
