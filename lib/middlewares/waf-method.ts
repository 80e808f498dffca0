import { InvalidRequestError, InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { pemPerKidKeys } from '../keys/pem-per-kid-keys.js';
import { assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { PemPerKid, PresetFacts } from '../presets/preset.js';
import { DEFAULT_CLAIMS } from '../principal/token-identity.js';
import { fromHeader } from '../tokens/from-header.js';
import type { TokenSource } from '../tokens/token-source.js';
import { compileTrustedPeers } from '../tokens/trusted-peers.js';
import { assertWafKind } from '../verification/token-kind.js';
import type { AuthMethod } from './auth-method.js';
import { type Door, resolveDoor } from './door-options.js';
import { type IssuerMethod, issuerAuthenticator } from './issuer-authenticator.js';
import { ISSUER_OPTION_NAMES, type IssuerOptions, type IssuerRecord, resolveIssuer } from './issuer-record.js';
import { singleIssuer } from './issuer-resolver.js';
import { asSingleMethod } from './single-method.js';
import { resolveTokenPolicy, TOKEN_OPTION_NAMES, type TokenOptions } from './token-options.js';
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
  /** Unsigned headers of the WAF that may not reach the application; a name that ends in `*` stands for all that begin so. */
  siblings?: readonly string[];
}

/** What a preset adds to the options. */
export type WafProduct = WafDialect & Pick<PresetFacts, 'clientClaim'>;

const OWN_NAMES = ['header', 'pemPerKid', 'trustedPeers', 'siblings'] as const;
const LEFT_OUT: readonly string[] = ['tokenFrom', 'tokenProfile', 'tenants'];

/** One header twice may arrive joined with a comma, which no token has in it. */
function assertSingle(values: readonly string[]): void {
  if (values.some((value) => value.includes(','))) throw new InvalidRequestError('credentials_ambiguous');
}

/** The value with or without `Bearer ` in front: products do the one or the other. */
function wafSource(option: string, header: string): TokenSource {
  assertNonEmptyString(option, header);
  const plain = fromHeader(header);
  const withScheme = fromHeader(header, { scheme: 'Bearer' });
  return {
    ...plain,
    async read(req) {
      const values = await plain.read(req);
      assertSingle(values);
      // Anything else in front of a space is another scheme's credential, and not ours to judge.
      return values.some((value) => value.includes(' ') || /^bearer$/i.test(value)) ? withScheme.read(req) : values;
    },
  };
}

function resolveRecord(options: WafTokenOptions, { listeners }: Door): IssuerRecord {
  const { pemPerKid, ...issuer } = options;
  if (pemPerKid === undefined) return resolveIssuer('wafToken', issuer, listeners);
  const contradicting = (['discovery', 'jwksUri', 'publicKeys', 'keys'] as const).find(
    (name) => issuer[name] !== undefined,
  );
  if (contradicting !== undefined)
    throw new ConfigurationError(`wafToken.${contradicting}`, 'contradicts pemPerKid; leave one of the two out');
  const { ca, maxStale, cooldown, dangerouslyAllowHttp, algorithms, ...rest } = issuer;
  const place = typeof pemPerKid === 'string' ? { url: pemPerKid } : pemPerKid;
  const keys = pemPerKidKeys({ ...place, ca, maxStale, cooldown, dangerouslyAllowHttp, algorithms, listeners });
  return resolveIssuer('wafToken', { ...rest, ...(algorithms === undefined ? {} : { algorithms }), keys }, listeners);
}

function resolveWafMethod(options: WafTokenOptions, product: WafProduct): IssuerMethod {
  const known = [...TOKEN_OPTION_NAMES, ...ISSUER_OPTION_NAMES].filter((name) => !LEFT_OUT.includes(name));
  checkOptionNames('wafToken', options, [...known, ...OWN_NAMES]);
  const { header = 'authorization', trustedPeers, siblings = [] } = options;
  if (options.issuer === undefined) throw new ConfigurationError('wafToken.issuer', 'is required');
  const door = resolveDoor('wafToken', options);
  const source = wafSource('wafToken.header', header);
  const policy = resolveTokenPolicy('wafToken', { ...options, tokenFrom: source }, DEFAULT_CLAIMS);
  const isTrusted = trustedPeers === undefined ? undefined : compileTrustedPeers('wafToken.trustedPeers', trustedPeers);
  return {
    door,
    ...policy,
    book: singleIssuer(resolveRecord(options, door)),
    ownHeaders: siblings.map((sibling) => sibling.toLowerCase()),
    admits(req) {
      if (isTrusted !== undefined && !isTrusted(req)) throw new InvalidTokenError('peer_untrusted');
    },
    read: dialectReader(product),
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
  return asSingleMethod(config.door, issuerAuthenticator(config));
}
