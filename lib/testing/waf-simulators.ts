import type { WafPresetName } from '../methods/waf-token/waf-presets.js';
import type { WafKeyPlace, WafSimulator } from './waf-contract.js';
import * as products from './waf-products.js';
import { startWafSimulator, type WafProduct } from './waf-simulator.js';

type StartSimulator<Own> = (own?: Partial<Own>) => Promise<WafSimulator<Own & WafKeyPlace>>;

function simulator<Own extends object>(product: WafProduct<Own>): StartSimulator<Own> {
  return (own = {}) => startWafSimulator(product, own);
}

/**
 * The products that `wafPresets` knows, each as a signer on this machine over real HTTP: it publishes its keys and
 * writes its tokens as the product does, padding, JOSE header members and all. Takes what differs per customer, or
 * makes it up.
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
