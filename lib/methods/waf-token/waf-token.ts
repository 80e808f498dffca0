import type { AuthMethod } from '../../pipeline/auth-method.js';
import { wafMethod } from './waf-method.js';
import type { WafTokenOptions } from './waf-options.js';
import { presetMethod, presetOf, type WafPreset, type WafPresetOptions } from './waf-presets.js';

/**
 * Creates an auth method for a JWT that a WAF or identity-aware proxy writes into a header, as ZITADEL's JWT IdP
 * accepts it.
 *
 * The token header and its unsigned `siblings` are removed from every request, so that a client cannot forge them.
 *
 * ```ts
 * app.use(wafToken({ header: 'x-waf-jwt', issuer: 'https://waf.example.com', audience: 'app', jwksUri, trustedPeers: ['10.0.0.0/8'] }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
export function wafToken<Preset extends WafPreset>(options: WafPresetOptions<Preset>): AuthMethod;
export function wafToken(options: WafTokenOptions): AuthMethod;
export function wafToken(options: WafTokenOptions | WafPresetOptions): AuthMethod {
  if (typeof options !== 'object' || options === null || !('preset' in options)) return wafMethod(options, {});
  const { preset, ...extras } = options;
  const { name, options: own } = presetOf(preset);
  return presetMethod(name, { ...own, ...extras });
}
