import type { AuthMethod } from '../../pipeline/auth-method.js';
import { wafMethod } from './waf-method.js';
import type { WafTokenOptions } from './waf-options.js';
import { presetMethod, presetOf, type WafPreset, type WafPresetOptions } from './waf-presets.js';

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
export function wafToken<Preset extends WafPreset>(options: WafPresetOptions<Preset>): AuthMethod;
export function wafToken(options: WafTokenOptions): AuthMethod;
export function wafToken(options: WafTokenOptions | WafPresetOptions): AuthMethod {
  if (typeof options !== 'object' || options === null || !('preset' in options)) return wafMethod(options, {});
  const { preset, ...extras } = options;
  const { name, options: own } = presetOf(preset);
  return presetMethod(name, { ...own, ...extras });
}
