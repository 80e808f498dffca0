import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OnEvent } from '../../events/auth-event.js';
import { type KeyContext, remoteOptions } from '../../issuers/issuer-keys.js';
import type { NamedIssuer, NamelessIssuer } from '../../issuers/issuer-names.js';
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

/** Options of `wafToken` that do not depend on where its keys come from. */
export interface WafTokenSettings
  extends Omit<TokenOptions, 'tokenFrom'>,
    Omit<IssuerRules, 'tokenProfile' | 'tenants' | 'accepts'> {
  /**
   * Name of the header that the WAF writes; its value may begin with `Bearer `.
   * @default 'authorization'
   */
  header?: string | undefined;
  /**
   * Token source in place of `header`, such as `fromCookie('CF_Authorization')`. The header of a preset is still
   * removed from the request.
   * @default the header
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Addresses and CIDR ranges of the proxies that may write the header, compared with the address of the socket. A
   * header from another peer is removed and refused.
   * @default undefined, every peer may, and the signature alone decides
   */
  trustedPeers?: readonly string[] | undefined;
  /**
   * Unsigned headers of the WAF that are removed from the request; a name that ends in `*` matches every one with that
   * beginning.
   * @default []
   */
  siblings?: readonly string[] | undefined;
}

/** Keys that are fetched one by one, as PEM. */
export interface PemPerKidKeyOptions extends FetchedKeyOptions {
  /** URL with `{kid}` in it, for products that publish one PEM per key id; in place of `jwksUri`. */
  pemPerKid: string | PemPerKid | undefined;
  discovery?: never;
  jwksUri?: never;
  publicKeys?: never;
  keys?: never;
}

/**
 * Options for the keys of `wafToken`, which come from one of `discovery` (the default), `jwksUri`, `publicKeys`, `keys`
 * and `pemPerKid`.
 */
export type WafKeyOptions =
  | ((DiscoveredKeys | JwksUriKeys | ConfiguredKeys | CustomKeys) & { pemPerKid?: never })
  | PemPerKidKeyOptions;

/** Where the keys of a WAF come from whose tokens do not name their issuer, so that nothing can be discovered. */
type NamelessWafKeyOptions =
  | ((JwksUriKeys | ConfiguredKeys | CustomKeys) & { pemPerKid?: never })
  | PemPerKidKeyOptions;

/** Options of `wafToken`. */
export type WafTokenOptions = WafTokenSettings &
  KeyRules &
  ((NamedIssuer & WafKeyOptions) | (NamelessIssuer & NamelessWafKeyOptions));

const PEM_PER_KID_NAMES = namesOf<PemPerKid>()({ url: true, kids: true, kidPattern: true });

/** Names of {@link WafTokenOptions}. */
export const WAF_OPTION_NAMES = namesOf<WafTokenOptions>()(
  { header: true, pemPerKid: true, trustedPeers: true, siblings: true },
  TOKEN_OPTION_NAMES,
  namesWithout(ISSUER_OPTION_NAMES, 'tokenProfile', 'tenants', 'accepts'),
);

/** Names of options that may be left out but not set to `undefined`, because they decide which tokens are accepted. */
export const WAF_DECISIONS = [
  ...namesWithout(ISSUER_DECISIONS, 'tenants'),
  'header',
  'tokenFrom',
  'pemPerKid',
  'trustedPeers',
] as const;

const warnedOf = new Set<string>();

/**
 * Warns the operator, once per URL, that any client can cause key fetches. The warning comes when the method is
 * created, because later it would show as an outage.
 */
function warnOfUntrustedPeers(url: string): void {
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
  if (options.trustedPeers === undefined) warnOfUntrustedPeers(place.url);
  return keys;
}

/**
 * Resolves the options of the issuer, and opens its key source.
 * @throws {ConfigurationError} when an option is missing, wrong or contradicts another.
 */
export function resolveWafRecord(options: WafTokenOptions, listeners: readonly OnEvent[]): IssuerRecord {
  const { pemPerKid } = options;
  if (pemPerKid === undefined) return resolveIssuer('wafToken', options, listeners);
  const open = (context: KeyContext) => openPemPerKid(pemPerKid, options, context);
  return resolveIssuerWith('wafToken', options, listeners, { named: true, open });
}
