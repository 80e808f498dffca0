import type { WafPresetName } from '../methods/waf-token/presets/products.js';
import type { WafKeyPlace, WafSimulator } from './waf-contract.js';
import * as products from './waf-products.js';
import { startWafSimulator, type WafProduct } from './waf-simulator.js';

type StartSimulator<Own> = (own?: Partial<Own>) => Promise<WafSimulator<Own & WafKeyPlace>>;

function simulator<Own extends object>(product: WafProduct<Own>): StartSimulator<Own> {
  return (own = {}) => startWafSimulator(product, own);
}

/**
 * Starts simulators of the products of `wafPresets`. A simulator publishes its keys over HTTP on this machine and signs
 * tokens as the product does, with its padding and its JOSE header members. Settings of the customer are optional.
 *
 * ```ts
 * const alb = await wafSimulators.awsAlb({ clientId: 'web' });
 * app.use(wafPresets.awsAlb(alb.options));
 * await request(app).get('/').set(alb.header, await alb.token({ sub: 'ann' }));
 * await alb.close();
 * ```
 */
export const wafSimulators = {
  googleIap: simulator(products.googleIap),
  awsAlb: simulator(products.awsAlb),
  awsVerifiedAccess: simulator(products.awsVerifiedAccess),
  cloudflareAccess: simulator(products.cloudflareAccess),
  pomerium: simulator(products.pomerium),
  teleport: simulator(products.teleport),
  azureEasyAuth: simulator(products.azureEasyAuth),
  authentik: simulator(products.authentik),
} satisfies Record<WafPresetName, unknown>;
