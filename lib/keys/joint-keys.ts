import { LRUCache } from 'lru-cache';
import { AuthError, ServiceUnavailableError } from '../errors/auth-error.js';
import type { JoseHeader } from '../tokens/jose-header.js';
import type { KeySource } from './key-source.js';
import type { VerificationKey } from './verification-key.js';

/** Most key ids whose place is remembered. */
const MAX_KNOWN = 100;

const isUnknown = (thrown: unknown): boolean => AuthError.is(thrown) && thrown.code === 'key_not_found';

/** Most keys that are tried for one token, as in a single source. */
const MAX_CANDIDATES = 8;

/** Milliseconds for which only the places that had a key are asked for it, and where another place was down then. */
const REMEMBERED = 300_000;
const REMEMBERED_IN_OUTAGE = 30_000;

/** What the sources have for one header. */
interface Found {
  readonly keys: readonly VerificationKey[];
  /** Sources that have any of the keys. */
  readonly homes: readonly KeySource[];
  /** What the other sources threw. */
  readonly refusals: readonly unknown[];
}

/** Asks all sources, and joins the keys by turns, so that none crowds out the best ones of another. */
async function findIn(
  sources: readonly KeySource[],
  header: JoseHeader,
  options: { afresh?: boolean } | undefined,
): Promise<Found> {
  const lists: (readonly VerificationKey[])[] = [];
  const homes: KeySource[] = [];
  const refusals: unknown[] = [];
  const ask = async (source: KeySource) => {
    try {
      lists.push(await source.find(header, options));
      homes.push(source);
    } catch (thrown) {
      refusals.push(thrown);
    }
  };
  await Promise.all(sources.map(ask));
  const ranks = Array.from({ length: MAX_CANDIDATES }, (_, rank) => rank);
  const keys = ranks.flatMap((rank) => lists.flatMap((list) => list.slice(rank, rank + 1)));
  return { keys: keys.slice(0, MAX_CANDIDATES), homes, refusals };
}

/**
 * Joins sources of keys of one issuer, such as a key set for each policy. Two of them may name different keys alike, and
 * a token without a key id may be of any, so the keys of all are tried. Which places know a key id is remembered, so
 * that its tokens cost the other places nothing.
 */
export function jointKeys(sources: readonly [KeySource, ...KeySource[]]): KeySource {
  const known = new LRUCache<string, readonly KeySource[]>({ max: MAX_KNOWN });
  const [first] = sources;
  return {
    source: first.source,
    async find(header, options) {
      const { kid = '' } = header;
      const homes = known.get(kid);
      const again = homes === undefined ? undefined : await findIn(homes, header, options);
      if (again !== undefined && again.refusals.length === 0) return again.keys;
      const found = await findIn(sources, header, options);
      // An outage of one place is told where no other place has a key.
      const outage = found.refusals.find((refusal) => !isUnknown(refusal));
      if (found.homes.length === 0) throw outage ?? found.refusals[0];
      if (kid !== '') known.set(kid, found.homes, { ttl: outage === undefined ? REMEMBERED : REMEMBERED_IN_OUTAGE });
      return found.keys;
    },
    holds: (header, key) => sources.some((source) => source.holds?.(header, key) === true),
    ready: async () => void (await Promise.all(sources.map((source) => source.ready()))),
    health() {
      const all = sources.map((source) => source.health());
      const worst = all.find(({ lastError }) => lastError !== undefined) ?? first.health();
      return { ...worst, source: first.source, keyCount: all.reduce((sum, { keyCount }) => sum + keyCount, 0) };
    },
    close() {
      for (const source of sources) source.close();
    },
  };
}

/** Makes a source when keys are first wanted, because making it needs what may not be there yet: an outage until then. */
export function lazyKeys(source: string, make: () => KeySource): KeySource {
  let made: KeySource | undefined;
  let failed: { readonly at: Date; readonly message: string } | undefined;
  function inner(): KeySource {
    try {
      made ??= make();
      return made;
    } catch (cause) {
      failed = { at: new Date(), message: cause instanceof Error ? cause.message : 'unknown' };
      throw new ServiceUnavailableError('keys_unavailable', { cause });
    }
  }
  return {
    source,
    find: async (header, options) => inner().find(header, options),
    holds: (header, key) => made?.holds?.(header, key) === true,
    ready: async () => inner().ready(),
    health: () => made?.health() ?? { source, keyCount: 0, ...(failed === undefined ? {} : { lastError: failed }) },
    close: () => made?.close(),
  };
}
