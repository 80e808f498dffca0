import { after } from '../../clock/awaitable.js';
import { InvalidRequestError, InvalidTokenError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { issuerAuthenticator } from '../../issuers/issuer-authenticator.js';
import type { IssuerMethod } from '../../issuers/issuer-method.js';
import { singleIssuer } from '../../issuers/issuer-resolver.js';
import { assertNonEmptyString, assertNotUndefined, assertStrings } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { type AuthMethod, extendMethod } from '../../pipeline/auth-method.js';
import { resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { resolveTokenPolicy } from '../../pipeline/token-policy.js';
import { DEFAULT_CLAIMS } from '../../principal/token-identity.js';
import { resolveTokenSources } from '../../tokens/find-token.js';
import { fromHeader } from '../../tokens/from-header.js';
import type { AuthRequest } from '../../tokens/request.js';
import type { TokenSource } from '../../tokens/token-source.js';
import { compileTrustedPeers } from '../../tokens/trusted-peers.js';
import { assertWafKind } from '../../verification/token-kind.js';
import type { PresetFacts } from './presets/preset.js';
import {
  PRESET_USE,
  presetOf,
  resolvePreset,
  type WafPreset,
  type WafPresetName,
  type WafPresetOptions,
} from './presets/products.js';
import { assertDialect, dialectReader, type WafDialect } from './waf-dialect.js';
import {
  resolveWafRecord,
  WAF_DECISIONS,
  WAF_OPTION_NAMES,
  type WafTokenOptions,
  type WafTokenSettings,
} from './waf-options.js';

/** Facts that a preset adds to the options. */
type WafProduct = WafDialect & Pick<PresetFacts, 'clientClaim'>;

// Syntax `token` of RFC 9110 section 5.6.2, without `*`, which here marks the beginning of a name.
const HEADER_NAME = /^[!#$%&'+\-.^_`|~0-9A-Za-z]+$/;

/** Refuses values with a comma, which join a header that was sent twice; no token has one. */
function unjoined(tokens: readonly string[]): readonly string[] {
  if (tokens.some((token) => token.includes(','))) throw new InvalidRequestError('credentials_ambiguous');
  return tokens;
}

/** Token source: a header with or without `Bearer ` in its value, because products write either. */
function wafSource(header: string): TokenSource {
  const plain = fromHeader(header);
  const withScheme = fromHeader(header, { scheme: 'Bearer' });
  // In Authorization, a word before a space is a scheme; a credential of another scheme belongs to another method. Any
  // other header contains a token, or a value to refuse as one.
  const hasScheme = header.toLowerCase() === 'authorization' ? / |^bearer$/i : /^bearer( |$)/i;
  return {
    ...plain,
    read: (req, taken) =>
      after(plain.read(req, taken), (values) =>
        after(values.some((value) => hasScheme.test(value)) ? withScheme.read(req, taken) : values, unjoined),
      ),
  };
}

/**
 * Resolves the options `header` and `tokenFrom`.
 * @throws {ConfigurationError} when one is wrong, or both are given.
 */
function resolveSources({ header, tokenFrom }: WafTokenSettings): readonly TokenSource[] {
  if (tokenFrom !== undefined) {
    if (header !== undefined)
      throw new ConfigurationError('wafToken.tokenFrom', 'contradicts header; leave one of the two out');
    return resolveTokenSources('wafToken.tokenFrom', tokenFrom);
  }
  const name = header ?? 'authorization';
  assertNonEmptyString('wafToken.header', name);
  if (!HEADER_NAME.test(name)) throw new ConfigurationError('wafToken.header', 'expects a header name');
  return [wafSource(name)];
}

function resolveSiblings(siblings: unknown): readonly string[] {
  assertStrings('wafToken.siblings', siblings);
  if (!siblings.every((sibling) => HEADER_NAME.test(sibling.replace(/\*$/, ''))))
    throw new ConfigurationError('wafToken.siblings', 'expects header names, or how they begin and a * after that');
  return siblings.map((sibling) => sibling.toLowerCase());
}

const UNTRUSTED = { problem: 'the request does not come from an address in trustedPeers' };

/**
 * Resolves `trustedPeers` to a check of the socket's address. The token of another peer is removed from the request, so
 * that no handler reads it.
 */
function resolveAdmission(
  { trustedPeers }: WafTokenSettings,
  sources: readonly TokenSource[],
): (req: AuthRequest) => void {
  if (trustedPeers === undefined) return () => undefined;
  const isTrusted = compileTrustedPeers('wafToken.trustedPeers', trustedPeers);
  return (req) => {
    if (isTrusted(req)) return;
    for (const source of sources) source.remove(req);
    throw new InvalidTokenError('peer_untrusted', { detail: UNTRUSTED });
  };
}

function resolveWafMethod(options: WafTokenOptions, product: WafProduct): IssuerMethod {
  checkOptionNames('wafToken', options, WAF_OPTION_NAMES);
  assertNotUndefined('wafToken', options, WAF_DECISIONS);
  const { siblings = [] } = options;
  if (options.issuer === undefined) throw new ConfigurationError('wafToken.issuer', 'is required');
  const settings = resolveMethodSettings('wafToken', options);
  const tokenFrom = resolveSources(options);
  return {
    settings,
    ...resolveTokenPolicy('wafToken', { ...options, tokenFrom }, DEFAULT_CLAIMS),
    issuers: singleIssuer(resolveWafRecord(options, settings.listeners)),
    ownHeaders: resolveSiblings(siblings),
    admits: resolveAdmission(options, tokenFrom),
    dialect: dialectReader(product),
    assertKind(token) {
      assertWafKind(token.header, token.claims);
      assertDialect(token, product);
    },
    clientOf({ sub = '', ...claims }) {
      const client = product.clientClaim === undefined || sub !== '' ? undefined : claims[product.clientClaim];
      return typeof client === 'string' && client !== '' ? client : undefined;
    },
  };
}

/**
 * Makes an auth method for a WAF with the tokens of `product`.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
function wafMethod(options: WafTokenOptions, product: WafProduct): AuthMethod {
  const config = resolveWafMethod(options, product);
  return asSingleMethod(config.settings, issuerAuthenticator(config));
}

/**
 * Makes the method of a product with all options of the application.
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function presetMethod(name: WafPresetName, given: object): AuthMethod {
  const { use, product, options } = resolvePreset(name, given);
  return extendMethod(wafMethod(options, product), { [PRESET_USE]: use });
}

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
