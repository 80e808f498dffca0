import { InvalidRequestError } from '../../../errors/auth-error.js';
import type { GrantType } from '../../../grants/token-client.js';
import { fromBody } from '../../../tokens/from-body.js';
import { fromCookie } from '../../../tokens/from-cookie.js';
import { fromBearer, fromHeader } from '../../../tokens/from-header.js';
import { fromQuery } from '../../../tokens/from-query.js';
import type { TokenSource } from '../../../tokens/token-source.js';
import type { OidcGrantConfig } from './oidc-grant-config.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

const PARAMETER = 'access_token';

/** Makes the sources in which a plugin looks for tokens. */
export function bearerSources({ paramTypes, headerName, cookieName }: OidcPluginConfig): TokenSource[] {
  if (headerName !== undefined) return [/^authorization$/i.test(headerName) ? fromBearer() : fromHeader(headerName)];
  const places = {
    header: () => [fromBearer(), fromHeader('access-token'), fromHeader('x-access-token')],
    query: () => [fromQuery(PARAMETER)],
    body: () => [fromBody(PARAMETER)],
    cookie: () => (cookieName === undefined ? [] : [fromCookie(cookieName)]),
  };
  return paramTypes.flatMap((type) => places[type]());
}

async function onlyValue(
  source: TokenSource,
  ...request: Parameters<TokenSource['read']>
): Promise<string | undefined> {
  const [value, ...others] = await source.read(...request);
  if (others.length > 0) throw new InvalidRequestError('credentials_ambiguous');
  return value;
}

/** Makes one source of two parameters; it gives the pair in the form in which `Authorization: Basic` carries one. */
function pairSource(id: TokenSource, secret: TokenSource): TokenSource {
  return {
    place: `${id.place} and ${secret.place}`,
    inUrl: (req) => [id, secret].some((source) => source.inUrl?.(req) === true),
    async read(...request) {
      const [name, word] = [await onlyValue(id, ...request), await onlyValue(secret, ...request)];
      if (name === undefined || word === undefined) return [];
      if (name.includes(':')) throw new InvalidRequestError('request_malformed');
      return [Buffer.from(`${name}:${word}`).toString('base64')];
    },
    remove(req) {
      for (const source of [id, secret]) source.remove(req);
    },
  };
}

const PARAMETERS = {
  password: ['username', 'password'],
  client_credentials: ['client_id', 'client_secret'],
} as const;

/** Sources of pairs, and the grants by which a pair in them is exchanged. */
export interface PairPlaces {
  readonly sources: readonly TokenSource[];
  readonly grants: readonly GrantType[];
}

function argumentPlaces(grant: GrantType, { places }: OidcGrantConfig): PairPlaces {
  const [id, secret] = PARAMETERS[grant];
  const read = { query: fromQuery, body: fromBody };
  const sources = places[grant].flatMap((place) =>
    place === 'header' ? [] : [pairSource(read[place](id), read[place](secret))],
  );
  return { sources, grants: [grant] };
}

/**
 * Makes the sources in which a plugin looks for pairs. A pair in the header may be exchanged by either grant, one in
 * parameters by its own.
 */
export function pairPlaces(config: OidcGrantConfig): PairPlaces[] {
  const inHeader = config.grants.filter((grant) => config.places[grant].includes('header'));
  const header = { sources: [fromHeader('authorization', { scheme: 'basic' })], grants: inHeader };
  const all = [header, ...config.grants.map((grant) => argumentPlaces(grant, config))];
  return all.filter(({ sources, grants }) => sources.length > 0 && grants.length > 0);
}
