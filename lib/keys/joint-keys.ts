import { LRUCache } from 'lru-cache';
import { AuthError, ServiceUnavailableError } from '../errors/auth-error.js';
import type { KeySource } from './key-source.js';

/** Most key ids whose place is remembered. */
const MAX_KNOWN = 100;

const isUnknown = (thrown: unknown): boolean => AuthError.is(thrown) && thrown.code === 'key_not_found';

/**
 * Joins sources of keys of one issuer, such as a key set for each policy. They are asked in turn, and where a key was
 * found is remembered, so that its tokens cost the other places nothing.
 */
export function jointKeys(sources: readonly [KeySource, ...KeySource[]]): KeySource {
  const known = new LRUCache<string, KeySource>({ max: MAX_KNOWN });
  const [first] = sources;
  return {
    source: first.source,
    async find(header, options) {
      const home = known.get(header.kid ?? '');
      const order = home === undefined ? sources : [home, ...sources.filter((source) => source !== home)];
      let refusal: unknown;
      for (const source of order) {
        try {
          const found = await source.find(header, options);
          known.set(header.kid ?? '', source);
          return found;
        } catch (thrown) {
          // An outage of one place is told where no other place has the key.
          refusal = refusal === undefined || isUnknown(refusal) ? thrown : refusal;
        }
      }
      throw refusal;
    },
    holds: (header, key) => known.get(header.kid ?? '')?.holds?.(header, key) === true,
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
