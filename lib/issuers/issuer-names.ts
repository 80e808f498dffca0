import type { JWTPayload } from 'jose';
import { ConfigurationError } from '../errors/configuration-error.js';
import { configuredUrl } from '../keys/remote-url.js';
import { assertStrings } from '../options/assertions.js';
import type { MethodScope } from '../pipeline/auth-method.js';
import { assertIssuer } from './issuer-texts.js';

/** An issuer that names itself in its tokens. */
export interface NamedIssuer {
  /**
   * The issuer, exactly as its tokens write it; an https URL where its keys are discovered from it. A list holds several
   * names of one issuer (two spellings, a custom domain): they are one identity, named by the first, which is also where
   * discovery looks. With `{tenantid}` inside it stands for all `tenants` of a multi-tenant provider such as Entra.
   */
  issuer: string | readonly string[];
  as?: never;
}

/** An issuer whose tokens have no `iss`, such as PingFederate's and Laravel Passport's by default. */
export interface NamelessIssuer {
  /** `null`, said aloud: the tokens have no `iss`, and one that has is another method's. */
  issuer: null;
  /** The name under which the issuer's people are known: `principal.issuer`, and the beginning of their ids. */
  as: string;
}

/** Options that name an issuer, before they are checked. */
export interface GivenNames {
  readonly issuer?: string | readonly string[] | null | undefined;
  readonly as?: string | undefined;
  readonly tenants?: readonly string[] | undefined;
}

/** Resolved {@link NamedIssuer} or {@link NamelessIssuer}: which tokens are an issuer's, and by which name it is known. */
export interface IssuerNames extends Required<Pick<MethodScope, 'names' | 'isNameless'>> {
  /** What the tokens of the issuer have in `iss`. */
  readonly issuers: ReadonlySet<string>;
  /** The one name of the issuer; `undefined` where it stands for tenants, each run by somebody else. */
  readonly identity: string | undefined;
  /** Names in a discovery document that are the issuer's, the one where it is looked for first. */
  readonly documentNames: readonly [string, ...string[]];
  /** Whether the claims really are those of the tenant that `iss` speaks of. */
  isConsistent?(claims: JWTPayload): boolean;
}

const PLACEHOLDER = '{tenantid}';

/**
 * Checks that keys can be discovered from an issuer: it must be a URL, and not that of its document.
 * @throws {ConfigurationError} when it is not.
 */
export function assertDiscoverable(option: string, issuer: string, allowHttp: boolean | undefined): void {
  const { pathname } = configuredUrl(option, issuer, allowHttp);
  if (/\/\.well-known\/(openid-configuration|oauth-authorization-server)\b/.test(pathname)) {
    throw new ConfigurationError(option, 'is the address of its document; give the issuer that stands in there');
  }
}

function tenantIssuer(template: string, tenant: string): string {
  return template.replaceAll(PLACEHOLDER, () => tenant);
}

/**
 * Returns the URL of the discovery document for a template. Entra serves one document for all tenants, under `common`,
 * with the template as its issuer.
 */
export function documentUrl(option: string, issuer: string, allowHttp: boolean | undefined): string | undefined {
  const common = tenantIssuer(issuer, 'common');
  assertDiscoverable(option, common, allowHttp);
  return common === issuer ? undefined : `${common.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/**
 * Checks one name or several, and returns them as a list.
 * @throws {ConfigurationError} when the list is empty, repeats a name, or holds what is no issuer.
 */
function issuerList(option: string, issuer: unknown): readonly [string, ...string[]] {
  const list: readonly unknown[] = Array.isArray(issuer) ? issuer : [issuer];
  for (const name of list) assertIssuer(option, name);
  // Asserted one by one.
  const [first, ...others] = list as readonly string[];
  if (first === undefined) throw new ConfigurationError(option, 'names nobody, so no token could ever be ours');
  const twice = others.find((name, index) => list.indexOf(name) <= index);
  if (twice !== undefined) throw new ConfigurationError(option, `lists ${JSON.stringify(twice)} twice`);
  return [first, ...others];
}

function namelessIssuer(factory: string, { as, tenants }: GivenNames): IssuerNames {
  if (as === undefined) {
    const reason =
      'is required with issuer: null, and is undefined: by which name are the people of these tokens known?';
    throw new ConfigurationError(`${factory}.as`, reason);
  }
  assertIssuer(`${factory}.as`, as);
  if (tenants !== undefined)
    throw new ConfigurationError(`${factory}.tenants`, `goes with ${PLACEHOLDER} in the issuer`);
  return {
    names: new Map([[as, as]]),
    issuers: new Set(),
    isNameless: true,
    identity: as,
    documentNames: [as],
    isConsistent: ({ iss }) => iss === undefined,
  };
}

/**
 * Checks templates, and returns their tenants.
 * @throws {ConfigurationError} when a name is no template, or the tenants are missing or wrong.
 */
function resolveTenants(factory: string, templates: readonly string[], tenants: unknown): readonly string[] {
  const option = `${factory}.tenants`;
  if (!templates.every((template) => template.includes(PLACEHOLDER)))
    throw new ConfigurationError(`${factory}.issuer`, `has ${PLACEHOLDER} in some of its names; write it into all`);
  if (tenants === undefined) {
    throw new ConfigurationError(option, `is required with ${PLACEHOLDER} in the issuer: whose tokens are welcome?`);
  }
  assertStrings(option, tenants);
  if (tenants.length === 0) throw new ConfigurationError(option, 'names nobody');
  for (const tenant of tenants) for (const one of templates) assertIssuer(option, tenantIssuer(one, tenant));
  return tenants;
}

/**
 * Resolves {@link GivenNames}.
 * @throws {ConfigurationError} when a name is missing or wrong, or an option does not fit the names.
 */
export function resolveIssuerNames(factory: string, given: GivenNames): IssuerNames {
  if (given.issuer === null) return namelessIssuer(factory, given);
  if (given.as !== undefined) throw new ConfigurationError(`${factory}.as`, 'goes with issuer: null');
  const documentNames = issuerList(`${factory}.issuer`, given.issuer);
  const [first] = documentNames;
  const named = { isNameless: false, documentNames };
  if (!documentNames.some((name) => name.includes(PLACEHOLDER))) {
    if (given.tenants !== undefined)
      throw new ConfigurationError(`${factory}.tenants`, `goes with ${PLACEHOLDER} in the issuer`);
    const names = new Map(documentNames.map((name) => [name, first]));
    return { ...named, names, issuers: new Set(documentNames), identity: first };
  }
  const tenants = resolveTenants(factory, documentNames, given.tenants);
  const names = new Map(
    tenants.flatMap((tenant) => documentNames.map((one) => [tenantIssuer(one, tenant), tenantIssuer(first, tenant)])),
  );
  const isConsistent = ({ iss, tid }: JWTPayload) =>
    typeof tid === 'string' && documentNames.some((template) => iss === tenantIssuer(template, tid));
  return { ...named, names, issuers: new Set(names.keys()), identity: undefined, isConsistent };
}
