import type { OidcPresetName } from '../methods/oidc-bearer/oidc-presets.js';
import * as customers from './oidc-products/customer-login.js';
import * as pipelines from './oidc-products/pipelines.js';
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
  githubActions: simulator(pipelines.githubActions),
  gitlabCi: simulator(pipelines.gitlabCi),
} satisfies Record<OidcPresetName, unknown>;
