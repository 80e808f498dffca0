import { types } from 'node:util';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { resolveKeyRequest } from './key-request.js';
import type { KeySource } from './key-source.js';
import { MAX_NAMED_KIDS, PemPerKidSource } from './pem-per-kid-source.js';
import { REMOTE_OPTION_NAMES, type RemoteKeyOptions, resolvePace } from './remote-keys.js';
import { configuredUrl } from './remote-url.js';
import { resolveAlgorithms } from './token-algorithms.js';

/** Options of {@link pemPerKidKeys}. */
export interface PemPerKidKeysOptions extends RemoteKeyOptions {
  /** URL of a PEM, with `{kid}` in its path where the key id goes. */
  readonly url: string;
  /**
   * Key ids that are known beforehand, at most 100. `ready()` loads their keys, and no flood of invented ids can keep
   * them out, because they are fetched without counting.
   * @default none: a key is fetched when a token first names it
   */
  readonly kids?: readonly string[] | undefined;
  /**
   * What a key id looks like; anything else is refused without a fetch.
   * @default letters, digits, `-` and `_`, at most 128
   */
  readonly kidPattern?: RegExp | undefined;
  /**
   * Takes plain http from other hosts than this machine.
   * @default false
   */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

const KID = /^[A-Za-z0-9_-]{1,128}$/;
/** What a URL takes for the folder itself or the one above, however it is encoded. */
const DOTS = /^\.{1,2}$/;

/** A test of key ids. Without the flags that make a pattern remember where it stopped. */
function kidTest(pattern: RegExp = KID): (kid: string) => boolean {
  if (!types.isRegExp(pattern)) throw new ConfigurationError('pemPerKid.kidPattern', 'expects a regular expression');
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  return (kid) => !DOTS.test(kid) && stateless.test(kid);
}

/**
 * Checks the option `kids`.
 * @throws {ConfigurationError} when a key id does not fit the pattern.
 */
function resolveKids(kids: readonly string[] = [], isKid: (kid: string) => boolean): readonly string[] {
  assertStrings('pemPerKid.kids', kids);
  if (kids.length > MAX_NAMED_KIDS)
    throw new ConfigurationError('pemPerKid.kids', `names ${kids.length} keys, at most ${MAX_NAMED_KIDS} are possible`);
  const unfit = kids.find((kid) => !isKid(kid));
  if (unfit !== undefined)
    throw new ConfigurationError('pemPerKid.kids', `has ${JSON.stringify(unfit)}, which does not fit kidPattern`);
  return [...new Set(kids)];
}

/**
 * Creates a source of keys for products that publish one PEM per key id, such as AWS load balancers.
 *
 * The key id of a token is checked before it becomes part of a URL. Keys that are there are cached, and so are ids that
 * are not. Ids that are not known cost ten fetches per `cooldown`; beyond that, an id has to come again, and one that
 * does is fetched out of a part of the budget that is kept for those.
 *
 * @throws {ConfigurationError} when the URL is not one that may be fetched, or has no `{kid}` in its path, or for another
 * wrong option.
 */
export function pemPerKidKeys(options: PemPerKidKeysOptions): KeySource {
  const own = ['url', 'kids', 'kidPattern', 'dangerouslyAllowHttp'];
  checkOptionNames('pemPerKidKeys', options, [...own, ...REMOTE_OPTION_NAMES]);
  const { dangerouslyAllowHttp = false } = options;
  const home = configuredUrl('pemPerKid', options.url, dangerouslyAllowHttp);
  if (!home.pathname.includes(encodeURI('{kid}'))) {
    throw new ConfigurationError('pemPerKid', 'expects a URL with {kid} in its path');
  }
  const pace = resolvePace('', options);
  const isKid = kidTest(options.kidPattern);
  return new PemPerKidSource({
    url: options.url,
    kids: resolveKids(options.kids, isKid),
    isKid,
    algorithms: resolveAlgorithms('algorithms', options.algorithms),
    ca: options.ca,
    keyRequest: resolveKeyRequest('keyRequest', options.keyRequest, home),
    ...pace,
    listeners: options.listeners ?? [],
  });
}
