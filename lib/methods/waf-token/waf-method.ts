import type { JWTPayload } from 'jose';
import { after } from '../../clock/awaitable.js';
import { InvalidRequestError, InvalidTokenError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { type IssuerMethod, issuerAuthenticator } from '../../issuers/issuer-authenticator.js';
import {
  ISSUER_OPTION_NAMES,
  type IssuerOptions,
  type IssuerRecord,
  resolveIssuer,
} from '../../issuers/issuer-record.js';
import { singleIssuer } from '../../issuers/issuer-resolver.js';
import { remoteOptions } from '../../issuers/key-options.js';
import { pemPerKidKeys } from '../../keys/pem-per-kid-keys.js';
import { resolveAlgorithms } from '../../keys/token-algorithms.js';
import { assertNonEmptyString, assertSeconds, assertStrings } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { resolveTokenPolicy, TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import { DEFAULT_CLAIMS } from '../../principal/token-identity.js';
import { fromHeader } from '../../tokens/from-header.js';
import type { AuthRequest } from '../../tokens/request.js';
import type { TokenSource } from '../../tokens/token-source.js';
import { compileTrustedPeers } from '../../tokens/trusted-peers.js';
import { assertWafKind } from '../../verification/token-kind.js';
import type { PemPerKid, PresetFacts } from './presets/preset.js';
import { assertDialect, dialectReader, type WafDialect } from './waf-dialect.js';

/** Options of {@link wafToken}. */
export interface WafTokenOptions
  extends Omit<TokenOptions, 'tokenFrom'>,
    Omit<IssuerOptions, 'tokenProfile' | 'tenants'> {
  /** The header that the WAF writes; its value may begin with `Bearer `. Default `authorization`. */
  header?: string;
  /** A URL with `{kid}` in it, for products that publish one PEM per key id; in place of `jwksUri`. */
  pemPerKid?: string | PemPerKid;
  /**
   * Addresses and CIDR ranges of the proxies that may write the header, judged by the socket. A header from anybody
   * else is taken off and refused. Default: anybody, and the signature alone decides.
   */
  trustedPeers?: readonly string[];
  /**
   * Seconds after `iat` at which a token is too old, whatever its `exp` says; ZITADEL takes none older than 3600. Up
   * to 31536000. Default: none is.
   */
  maxAge?: number;
  /** Unsigned headers of the WAF that may not reach the application; a name that ends in `*` stands for all that begin so. */
  siblings?: readonly string[];
}

/** What a preset adds to the options. */
export type WafProduct = WafDialect & Pick<PresetFacts, 'clientClaim'>;

const OWN_NAMES = ['header', 'pemPerKid', 'trustedPeers', 'maxAge', 'siblings'] as const;
const YEAR = 31_536_000;
const LEFT_OUT: readonly string[] = ['tokenFrom', 'tokenProfile', 'tenants'];

// RFC 9110 section 5.6.2, without the `*` that stands for a beginning here.
const HEADER_NAME = /^[!#$%&'+\-.^_`|~0-9A-Za-z]+$/;

/** One header twice may arrive joined with a comma, which no token has in it. */
function unjoined(tokens: readonly string[]): readonly string[] {
  if (tokens.some((token) => token.includes(','))) throw new InvalidRequestError('credentials_ambiguous');
  return tokens;
}

/** The value with or without `Bearer ` in front: products do the one or the other. */
function wafSource(header: string): TokenSource {
  const plain = fromHeader(header);
  const withScheme = fromHeader(header, { scheme: 'Bearer' });
  // In Authorization another word before a space is another scheme, whose credential is not ours to judge. A header
  // of the WAF's own holds a token, or what is to be refused as one.
  const hasScheme = header.toLowerCase() === 'authorization' ? / |^bearer$/i : /^bearer( |$)/i;
  return {
    ...plain,
    read: (req) =>
      after(plain.read(req), (values) =>
        after(values.some((value) => hasScheme.test(value)) ? withScheme.read(req) : values, unjoined),
      ),
  };
}

function resolveSource(header: unknown): TokenSource {
  assertNonEmptyString('wafToken.header', header);
  if (!HEADER_NAME.test(header)) throw new ConfigurationError('wafToken.header', 'expects a header name');
  return wafSource(header);
}

function resolveSiblings(siblings: unknown): readonly string[] {
  assertStrings('wafToken.siblings', siblings);
  if (!siblings.every((sibling) => HEADER_NAME.test(sibling.replace(/\*$/, ''))))
    throw new ConfigurationError('wafToken.siblings', 'expects header names, or how they begin and a * after that');
  return siblings.map((sibling) => sibling.toLowerCase());
}

/** Judges by the socket alone; what anybody else wrote into the header is taken off, so that nothing can read it. */
function resolveAdmission({ trustedPeers }: WafTokenOptions, source: TokenSource): (req: AuthRequest) => void {
  if (trustedPeers === undefined) return () => undefined;
  const isTrusted = compileTrustedPeers('wafToken.trustedPeers', trustedPeers);
  return (req) => {
    if (isTrusted(req)) return;
    source.remove(req);
    throw new InvalidTokenError('peer_untrusted');
  };
}

/** @throws ConfigurationError */
function resolveAge({ maxAge, clockTolerance = 60 }: WafTokenOptions): (claims: JWTPayload) => void {
  if (maxAge === undefined) return () => undefined;
  assertSeconds('wafToken.maxAge', maxAge, { min: 1, max: YEAR });
  return ({ iat }) => {
    if (iat === undefined) throw new InvalidTokenError('claim_missing');
    if (Date.now() / 1000 - iat > maxAge + clockTolerance) throw new InvalidTokenError('token_expired');
  };
}

function resolveRecord(options: WafTokenOptions, { listeners }: MethodSettings): IssuerRecord {
  const { pemPerKid, ...issuer } = options;
  if (pemPerKid === undefined) return resolveIssuer('wafToken', issuer, listeners);
  const contradicting = (['discovery', 'jwksUri', 'publicKeys', 'keys'] as const).find(
    (name) => issuer[name] !== undefined,
  );
  if (contradicting !== undefined)
    throw new ConfigurationError(`wafToken.${contradicting}`, 'contradicts pemPerKid; leave one of the two out');
  const place = typeof pemPerKid === 'string' ? { url: pemPerKid } : pemPerKid;
  checkOptionNames('wafToken.pemPerKid', place, ['url', 'kidPattern']);
  const { ca: _ca, maxStale: _maxStale, cooldown: _cooldown, dangerouslyAllowHttp: _allowHttp, ...rest } = issuer;
  const algorithms = resolveAlgorithms('wafToken.algorithms', issuer.algorithms);
  const keys = pemPerKidKeys({ ...place, ...remoteOptions('wafToken', issuer, algorithms, listeners) });
  return resolveIssuer('wafToken', { ...rest, keys }, listeners);
}

/** Every option of `wafToken`. */
export const WAF_OPTION_NAMES: readonly string[] = [
  ...[...TOKEN_OPTION_NAMES, ...ISSUER_OPTION_NAMES].filter((name) => !LEFT_OUT.includes(name)),
  ...OWN_NAMES,
];

function resolveWafMethod(options: WafTokenOptions, product: WafProduct): IssuerMethod {
  checkOptionNames('wafToken', options, WAF_OPTION_NAMES);
  const { header = 'authorization', siblings = [] } = options;
  if (options.issuer === undefined) throw new ConfigurationError('wafToken.issuer', 'is required');
  const settings = resolveMethodSettings('wafToken', options);
  const source = resolveSource(header);
  return {
    settings,
    ...resolveTokenPolicy('wafToken', { ...options, tokenFrom: source }, DEFAULT_CLAIMS),
    issuers: singleIssuer(resolveRecord(options, settings)),
    ownHeaders: resolveSiblings(siblings),
    admits: resolveAdmission(options, source),
    dialect: dialectReader(product),
    assertAge: resolveAge(options),
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

/** A method for a WAF whose tokens are as `product` says. */
export function wafMethod(options: WafTokenOptions, product: WafProduct): AuthMethod {
  const config = resolveWafMethod(options, product);
  return asSingleMethod(config.settings, issuerAuthenticator(config));
}
