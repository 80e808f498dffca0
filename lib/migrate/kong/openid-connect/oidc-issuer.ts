import type { OnEvent } from '../../../events/auth-event.js';
import { type IssuerRecord, resolveIssuer } from '../../../issuers/issuer-record.js';
import type { IssuerRecords } from '../../../issuers/issuer-resolver.js';
import { documentKeys } from '../../../keys/discovery-keys.js';
import { DOCUMENT_FRESH, documentPlaces, fetchIssuerDocument } from '../../../keys/issuer-document.js';
import { Refreshing } from '../../../keys/refreshing.js';
import type { ProviderPlace } from '../../../methods/oidc-bearer/introspection-options.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

/** The issuers of a plugin's tokens, and the record that verifies them. */
interface KongIssuer {
  readonly record: IssuerRecord;
  readonly issuers: IssuerRecords;
}

/**
 * Finds out which issuer the document at the configured address names.
 * @throws {ServiceUnavailableError} `keys_unavailable` when the document cannot be loaded.
 */
type NamedIssuer = () => string | Promise<string>;

/** Seconds for which the name that a document gave counts while its provider fails. */
const NAME_STALE = 86_400;
/** Least seconds between two attempts to read a document. */
const NAME_COOLDOWN = 5;

/** Kong takes no notice of a slash at the end. */
const withoutSlash = (issuer: string) => issuer.replace(/\/$/, '');

const nameIn = (issuer: unknown, { issuer: configured }: OidcPluginConfig) =>
  typeof issuer === 'string' && issuer !== '' ? issuer : configured;

/** Makes the options that say where the endpoints of a provider stand. */
export function providerOptions({
  issuer,
  documentUrl,
  dangerouslyAllowHttp,
}: OidcPluginConfig): ProviderPlace & { issuer: string } {
  return { issuer, ...(documentUrl === undefined ? {} : { discovery: { url: documentUrl } }), dangerouslyAllowHttp };
}

/** Keys that the provider's document leads to. Loading them also tells which issuer it names. */
function discovered(
  config: OidcPluginConfig,
  listeners: readonly OnEvent[],
): { keys: IssuerRecord['keys']; named: NamedIssuer } {
  const { issuer, documentUrl: url, dangerouslyAllowHttp } = config;
  let found: string | undefined;
  const onNamed = (name: unknown) => {
    found = nameIn(name, config);
  };
  const keys = documentKeys({ issuer, url, dangerouslyAllowHttp, listeners }, { issuers: 'any', onNamed });
  return { keys, named: () => found ?? keys.ready().then(() => found ?? issuer) };
}

/** The name in a document of which nothing else is needed, because the keys stand at an address of their own. */
function namedInDocument(config: OidcPluginConfig): { named: NamedIssuer; close: () => void } {
  const { issuer, documentUrl, dangerouslyAllowHttp } = config;
  const places = documentPlaces(issuer, documentUrl, dangerouslyAllowHttp);
  const name = new Refreshing<string>({
    load: async (signal) => {
      const { members } = await fetchIssuerDocument(places, 'any', { ca: undefined, signal });
      return { value: nameIn(members.issuer, config), freshFor: DOCUMENT_FRESH };
    },
    maxStale: NAME_STALE,
    cooldown: NAME_COOLDOWN,
    onLoaded: () => undefined,
    onFailed: () => undefined,
  });
  return { named: () => name.get(), close: () => name.close() };
}

/** Issuers that the configuration lists. */
function listedIssuers(record: IssuerRecord, allowed: readonly string[]): IssuerRecords {
  const names = new Set(allowed.map(withoutSlash));
  return {
    ids: { areShared: allowed.length !== 1 },
    only: {
      ...record,
      issuers: new Set(allowed.flatMap((name) => [withoutSlash(name), `${withoutSlash(name)}/`])),
      names: new Map(),
      identity: allowed.length === 1 ? allowed[0] : undefined,
    },
    find: (issuer = '') => (names.has(withoutSlash(issuer)) ? record : undefined),
    all: () => [record],
    close: () => record.keys.close(),
  };
}

/** The one issuer that the document names; it is known as soon as the document was read for the first time. */
function documentIssuer(record: IssuerRecord, named: NamedIssuer, close: () => void = () => undefined): IssuerRecords {
  const recordIf = (name: string, issuer: string) => (withoutSlash(name) === withoutSlash(issuer) ? record : undefined);
  return {
    ids: { areShared: true },
    find(issuer = '') {
      const name = named();
      return typeof name === 'string' ? recordIf(name, issuer) : name.then((found) => recordIf(found, issuer));
    },
    all: () => [record],
    close() {
      close();
      record.keys.close();
    },
  };
}

/**
 * Resolves whose tokens a plugin takes, as Kong does: those of `issuers_allowed`, or else of the issuer that the
 * document at `config.issuer` names. The keys come from the configured address alone, so whoever serves the document
 * could sign for any name.
 * @throws {ConfigurationError} for an address that may not be fetched.
 */
export function kongIssuer(config: OidcPluginConfig, listeners: readonly OnEvent[]): KongIssuer {
  const { issuer, jwksEndpoint, issuersAllowed, isPseudo, dangerouslyAllowHttp } = config;
  const meant = { issuer, audience: null } as const;
  if (jwksEndpoint !== undefined) {
    const record = resolveIssuer('fromKong', { ...meant, jwksUri: jwksEndpoint, dangerouslyAllowHttp }, listeners);
    const allowed = issuersAllowed ?? (isPseudo ? [issuer] : undefined);
    if (allowed !== undefined) return { record, issuers: listedIssuers(record, allowed) };
    const { named, close } = namedInDocument(config);
    // Most providers name their own address, for which no document is needed.
    const own = listedIssuers(record, [issuer]);
    const { find, ...others } = documentIssuer(record, named, close);
    return { record, issuers: { ...others, find: (iss) => own.find(iss) ?? find(iss) } };
  }
  const { keys, named } = discovered(config, listeners);
  const record = resolveIssuer('fromKong', { ...meant, keys }, listeners);
  return {
    record,
    issuers: issuersAllowed === undefined ? documentIssuer(record, named) : listedIssuers(record, issuersAllowed),
  };
}
