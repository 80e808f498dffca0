import { InvalidRequestError } from '../../errors/auth-error.js';
import { fromCookie } from '../../tokens/from-cookie.js';
import { fromQuery } from '../../tokens/from-query.js';
import { dashedName, readHeader, removeHeader, type TakenHeaders } from '../../tokens/headers.js';
import type { AuthRequest } from '../../tokens/request.js';
import type { TokenSource } from '../../tokens/token-source.js';
import type { JwtPluginConfig } from './jwt/jwt-plugin-config.js';

/** A value that Kong finds in one place; `true` is a parameter that was written without `=`. */
type PresentedValue = string | true;

/** A place in a request as Kong reads it, beside its form as a token source for `jwtAuth`. */
interface KongPlace {
  readonly source: TokenSource;
  values(req: AuthRequest, taken: TakenHeaders | undefined): readonly PresentedValue[];
}

// The pattern of Kong: unanchored, with two spellings of the scheme and the white space of PCRE.
const BEARER = /[Bb]earer[ \t\n\v\f\r]+(.+)/;

/** Splits one parameter as nginx does. The `&` keeps URLSearchParams from dropping a `?` that belongs to the name. */
function parameter(pair: string): readonly [name: string, value: PresentedValue] | undefined {
  const [decoded] = new URLSearchParams(`&${pair}`);
  return decoded && [decoded[0], pair.includes('=') ? decoded[1] : true];
}

function queryValues({ url = '' }: AuthRequest, name: string): PresentedValue[] {
  const mark = url.indexOf('?');
  if (mark === -1) return [];
  const pairs = url.slice(mark + 1).split('&');
  return pairs.flatMap((pair) => {
    const [written, value] = parameter(pair) ?? [];
    return written === name && value !== undefined && value !== '' ? [value] : [];
  });
}

/** Reads a cookie as nginx's `$cookie_name` does: the first of its name, in any case, raw. */
function cookieValues(req: AuthRequest, name: string, taken: TakenHeaders | undefined): string[] {
  const pairs = readHeader(req, 'cookie', taken).values.flatMap((header) => header.split(';'));
  const found = pairs.find((pair) => {
    const equals = pair.indexOf('=');
    return equals !== -1 && pair.slice(0, equals).trim().toLowerCase() === name.toLowerCase();
  });
  const value = found?.slice(found.indexOf('=') + 1).trim();
  return value === undefined || value === '' ? [] : [value];
}

/**
 * Reads the first of a repeated header, as Kong does; it is also the one that Node shows to the application. A header
 * that was also written with `_` for `-` is not read at all, because the application may take the one for the other.
 */
function headerValues(req: AuthRequest, name: string, taken: TakenHeaders | undefined): string[] {
  const { values, aliased } = readHeader(req, name, taken);
  const token = aliased ? undefined : BEARER.exec(values[0] ?? '')?.[1];
  return token === undefined ? [] : [token];
}

/** Makes a token source of a place, for `jwtAuth`, which has refusals of its own. */
function asSource(
  { place, inUrl, remove }: Pick<TokenSource, 'place' | 'inUrl' | 'remove'>,
  values: KongPlace['values'],
): KongPlace {
  const source: TokenSource = {
    place,
    ...(inUrl === undefined ? {} : { inUrl }),
    remove,
    read: (req, taken) =>
      values(req, taken).map((value) => {
        if (value === true) throw new InvalidRequestError('request_malformed');
        return value;
      }),
  };
  return { source, values };
}

function headerPlace(written: string): KongPlace {
  const name = dashedName(written);
  const remove = (req: AuthRequest) => removeHeader(req, name);
  return asSource({ place: `header ${name}`, remove }, (req, taken) => headerValues(req, name, taken));
}

/** Lists the places that a `jwt` plugin looks at, in Kong's order. */
export function tokenPlaces({ uriParamNames, cookieNames, headerNames }: JwtPluginConfig): readonly KongPlace[] {
  return [
    ...uriParamNames.map((name) => asSource(fromQuery(name), (req) => queryValues(req, name))),
    ...cookieNames.map((name) => asSource(fromCookie(name), (req, taken) => cookieValues(req, name, taken))),
    ...headerNames.map(headerPlace),
  ];
}

/** Collects all values that are presented; one text in several places counts once. */
export function presentedValues(
  places: readonly KongPlace[],
  req: AuthRequest,
  taken: TakenHeaders | undefined,
): ReadonlySet<PresentedValue> {
  return new Set(places.flatMap(({ values }) => values(req, taken)));
}
