import { ConfigurationError } from '../errors/configuration-error.js';
import type { FirstOf, TokenGetter, TokenSource } from './token-source.js';

/** Whether a value was made by {@link firstOf}. */
export function isFirstOf(value: unknown): value is FirstOf {
  return typeof value === 'object' && value !== null && 'firstOf' in value;
}

/**
 * Orders the places of one token, for the option `tokenFrom`: the first place that holds a token decides, and what
 * stands in the others is no credential. Without it, two different tokens in two places are a 400.
 *
 * Only for applications whose clients send another token along, such as a session cookie beside an `Authorization`
 * header: whatever stands in a later place is not looked at.
 *
 * ```ts
 * app.use(oidcBearer({ issuer, audience, tokenFrom: firstOf(fromBearer(), fromCookie('__session')) }));
 * ```
 *
 * @throws {ConfigurationError} when there is no place, a place is given twice, or one is itself made by `firstOf`.
 */
export function firstOf(...places: readonly (TokenSource | TokenGetter)[]): FirstOf {
  if (places.length === 0) throw new ConfigurationError('firstOf', 'expects at least one place');
  if (places.some(isFirstOf)) throw new ConfigurationError('firstOf', 'has another firstOf() in it; write one list');
  const names = places.map((place) => (typeof place === 'function' ? place : `${place?.place} ${place?.prefix}`));
  if (new Set(names).size !== names.length) throw new ConfigurationError('firstOf', 'has one place twice');
  return Object.freeze({ firstOf: Object.freeze([...places]) });
}

/** Makes sources that are looked at only where none before them holds a token. Each keeps its name and its duties. */
export function inOrder(sources: readonly TokenSource[]): readonly TokenSource[] {
  return sources.map((source, index) =>
    index === 0
      ? source
      : {
          place: source.place,
          ...(source.identityHeader === undefined ? {} : { identityHeader: source.identityHeader }),
          ...(source.scheme === undefined ? {} : { scheme: source.scheme }),
          ...(source.prefix === undefined ? {} : { prefix: source.prefix }),
          inUrl: (req) => source.inUrl?.(req) === true,
          read: (req, taken) => source.read(req, taken),
          remove: (req) => source.remove(req),
          unless: sources.slice(0, index).map(({ place }) => place),
        },
  );
}
