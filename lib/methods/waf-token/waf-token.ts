import type { AuthMethod } from '../../pipeline/auth-method.js';
import { type WafTokenOptions, wafMethod } from './waf-method.js';
import { type PresetExtras, presetMethod, presetOf, type WafPreset } from './waf-presets.js';

/** Options of {@link wafToken} for a product: the preset, what differs per customer, and any other option. */
export type WafPresetOptions = PresetExtras & Record<string, unknown> & { preset: WafPreset };

/**
 * A JWT that a WAF or identity-aware proxy puts into a header, as ZITADEL's JWT IdP takes it.
 *
 * The token header and its unsigned `siblings` are taken off every request, so that nothing a client brought along
 * under those names is ever believed.
 *
 * ```ts
 * app.use(wafToken({ header: 'x-waf-jwt', issuer: 'https://waf.example.com', audience: 'app', jwksUri, trustedPeers: ['10.0.0.0/8'] }));
 * ```
 *
 * @throws ConfigurationError at creation, for an option that is missing, unknown, contradictory or dangerous.
 */
export function wafToken(options: WafTokenOptions | WafPresetOptions): AuthMethod {
  if (typeof options === 'object' && options !== null && 'preset' in options) {
    const { preset: given, ...extras } = options;
    const { name, options: own } = presetOf(given as WafPreset);
    return presetMethod(name, { ...own, ...extras });
  }
  return wafMethod(options as WafTokenOptions, {});
}
