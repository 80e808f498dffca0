import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OnEvent } from '../../events/auth-event.js';
import { type KeyContext, remoteOptions } from '../../issuers/issuer-keys.js';
import {
  ISSUER_DECISIONS,
  ISSUER_OPTION_NAMES,
  type IssuerRecord,
  type IssuerRules,
  resolveIssuer,
  resolveIssuerWith,
} from '../../issuers/issuer-record.js';
import {
  type ConfiguredKeys,
  type CustomKeys,
  type DiscoveredKeys,
  type FetchedKeyOptions,
  type JwksUriKeys,
  KEY_PLACES,
  type KeyRules,
} from '../../issuers/key-options.js';
import type { KeySource } from '../../keys/key-source.js';
import { pemPerKidKeys } from '../../keys/pem-per-kid-keys.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf, namesWithout } from '../../options/option-names.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import type { TokenFrom } from '../../tokens/token-source.js';
import type { PemPerKid } from './presets/preset.js';

/** What `wafToken` takes wherever its keys come from. */
export interface WafTokenSettings
  extends Omit<TokenOptions, 'tokenFrom'>,
    Omit<IssuerRules, 'tokenProfile' | 'tenants' | 'accepts'> {
  /**
   * The header that the WAF writes; its value may begin with `Bearer `.
   * @default 'authorization'
   */
  header?: string | undefined;
  /**
   * Where the token stands, if not in a header of its own, such as `fromCookie('CF_Authorization')`; in place of
   * `header`. The header of a preset is taken off the request all the same.
   * @default the header
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Addresses and CIDR ranges of the proxies that may write the header, judged by the socket. A header from anybody
   * else is taken off and refused.
   * @default anybody, and the signature alone decides
   */
  trustedPeers?: readonly string[] | undefined;
  /**
   * Seconds after `iat` at which a token is too old, whatever its `exp` says, 1 to 31536000; ZITADEL takes none older
   * than 3600.
   * @default undefined, none is too old
   */
  maxAge?: number | undefined;
  /**
   * Unsigned headers of the WAF that may not reach the application; a name that ends in `*` stands for all that begin so.
   * @default []
   */
  siblings?: readonly string[] | undefined;
}

/** Keys that are fetched one by one, as PEM. */
export interface PemPerKidKeyOptions extends FetchedKeyOptions {
  /** A URL with `{kid}` in it, for products that publish one PEM per key id; in place of `jwksUri`. */
  pemPerKid: string | PemPerKid | undefined;
  discovery?: never;
  jwksUri?: never;
  publicKeys?: never;
  keys?: never;
}

/** Where `wafToken` has its keys from: one of `discovery` (the default), `jwksUri`, `publicKeys`, `keys`, `pemPerKid`. */
export type WafKeyOptions =
  | ((DiscoveredKeys | JwksUriKeys | ConfiguredKeys | CustomKeys) & { pemPerKid?: never })
  | PemPerKidKeyOptions;

/** Options of `wafToken`. */
export type WafTokenOptions = WafTokenSettings & KeyRules & WafKeyOptions;

const PEM_PER_KID_NAMES = namesOf<PemPerKid>()({ url: true, kids: true, kidPattern: true });

/** Every option of `wafToken`. */
export const WAF_OPTION_NAMES = namesOf<WafTokenOptions>()(
  { header: true, pemPerKid: true, trustedPeers: true, maxAge: true, siblings: true },
  TOKEN_OPTION_NAMES,
  namesWithout(ISSUER_OPTION_NAMES, 'tokenProfile', 'tenants', 'accepts'),
);

/** Options that may be left out, and never be `undefined`: by them it is decided whose tokens are taken. */
export const WAF_DECISIONS = [
  ...namesWithout(ISSUER_DECISIONS, 'tenants'),
  'header',
  'tokenFrom',
  'pemPerKid',
  'trustedPeers',
] as const;

const warnedOf = new Set<string>();

/**
 * Warns the operator, once per address, that anybody can make this server fetch keys. Told when the method is made,
 * because once it happens it shows as an outage.
 */
function warnOfStrangers(url: string): void {
  if (warnedOf.has(url)) return;
  warnedOf.add(url);
  process.emitWarning(
    'wafToken.pemPerKid without trustedPeers: whoever reaches this server can have keys fetched under invented key ids. ' +
      'Their number is bounded, and while it is used up a key that was not loaded yet is found only when its id comes ' +
      'again. Name the proxies in trustedPeers, or the key ids in pemPerKid.kids.',
    { type: 'SallyportWarning', code: 'SALLYPORT_PEM_PER_KID', detail: url },
  );
}

function openPemPerKid(
  pemPerKid: string | PemPerKid,
  options: WafTokenOptions,
  { algorithms, listeners }: KeyContext,
): KeySource {
  const contradicting = KEY_PLACES.find((name) => options[name] !== undefined);
  if (contradicting !== undefined)
    throw new ConfigurationError(`wafToken.${contradicting}`, 'contradicts pemPerKid; leave one of the two out');
  const place = typeof pemPerKid === 'string' ? { url: pemPerKid } : pemPerKid;
  checkOptionNames('wafToken.pemPerKid', place, PEM_PER_KID_NAMES);
  const keys = pemPerKidKeys({ ...place, ...remoteOptions('wafToken', options, algorithms, listeners) });
  if (options.trustedPeers === undefined) warnOfStrangers(place.url);
  return keys;
}

/** Checks what is said of the issuer, and opens its source of keys. @throws ConfigurationError */
export function resolveWafRecord(options: WafTokenOptions, listeners: readonly OnEvent[]): IssuerRecord {
  const { pemPerKid } = options;
  if (pemPerKid === undefined) return resolveIssuer('wafToken', options, listeners);
  const open = (context: KeyContext) => openPemPerKid(pemPerKid, options, context);
  return resolveIssuerWith('wafToken', options, listeners, { named: true, open });
}
