import type { AuthMethod } from '../../pipeline/auth-method.js';
import { PRESET_USE, type PresetUse, type WafPresetName, type WafProductOptions } from './presets/products.js';
import { presetMethod } from './waf-token.js';

/** Function that makes the auth method of one product. */
type MakePreset<Name extends WafPresetName> = (options: WafProductOptions<Name>) => AuthMethod;

function preset<Name extends WafPresetName>(name: Name): MakePreset<Name> {
  const make: MakePreset<Name> = (options) => presetMethod(name, options);
  const use: PresetUse = { name, options: {} };
  return Object.defineProperty(make, PRESET_USE, { value: use });
}

/**
 * Presets for WAFs and identity-aware proxies. Each needs only the options that differ per customer, takes any option
 * of {@link wafToken} beside them, and returns an auth method.
 *
 * ```ts
 * app.use(wafPresets.cloudflareAccess({ team: 'example', audience: '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2' }));
 * ```
 */
export const wafPresets = {
  /** Google Identity-Aware Proxy. */
  googleIap: preset('googleIap'),
  /** AWS Application Load Balancer with `authenticate-oidc` or `authenticate-cognito`. */
  awsAlb: preset('awsAlb'),
  /** AWS Verified Access. */
  awsVerifiedAccess: preset('awsVerifiedAccess'),
  /** Cloudflare Access. */
  cloudflareAccess: preset('cloudflareAccess'),
  /** Pomerium. */
  pomerium: preset('pomerium'),
  /** Teleport application access. */
  teleport: preset('teleport'),
  /** Authentication of Azure App Service and Container Apps with Entra. */
  azureEasyAuth: preset('azureEasyAuth'),
  /** Proxy provider of authentik. */
  authentik: preset('authentik'),
};
