import { ConfigurationError } from '../../../errors/configuration-error.js';
import { invalidClaim } from '../../../errors/token-refusals.js';
import { namesOf } from '../../../options/option-names.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { Provider, Texts } from '../provider-facts.js';
import { audiencesOf, guid, host, listOf, named, oneOf, part, text } from './facts.js';

interface EntraSettings {
  /** Client id of the API's application, or several. */
  clientId: Texts;
  /**
   * Application ID URI of the API, where it is not `api://` and the client id.
   * @default none
   */
  appIdUri?: Texts | undefined;
  /**
   * Versions of tokens that are welcome; the API's manifest decides which one Entra writes.
   * @default [1, 2]
   */
  versions?: readonly (1 | 2)[] | undefined;
}

/** Own options of the preset `entra`. */
export type EntraPresetOptions = EntraSettings &
  (
    | {
        /** Id of the tenant. */
        tenant: string;
        tenants?: never;
      }
    | {
        /** Ids of the tenants whose people are welcome. */
        tenants: readonly string[];
        tenant?: never;
      }
  );

const LOGIN = 'https://login.microsoftonline.com';
const GRAPH = ['00000003-0000-0000-c000-000000000000', 'https://graph.microsoft.com'];

function tenantId(option: string, value: unknown): string {
  const id = part(option, value);
  if (['common', 'organizations', 'consumers'].includes(id.toLowerCase()))
    throw new ConfigurationError(
      option,
      `is "${id}", which no token says: give the id of each tenant whose people are welcome (personal accounts are 9188040d-6c67-4c5b-b112-36a304b66dad)`,
    );
  return guid(option, id).toLowerCase();
}

/** Access tokens name the application that they were given to, or its scopes; ID tokens do neither. */
function assertAccess({ scp, azp, appid, azpacr, appidacr, idtyp }: ReadableClaims): void {
  // Roles tell nothing: where one application is both client and API, its ID tokens have them as well.
  if ([scp, azp, appid, azpacr, appidacr, idtyp].some((claim) => claim !== undefined)) return;
  throw invalidClaim('scp', 'is missing, and so is the application: it is an ID token', {
    hint: 'An ID token tells an application about a sign-in; have the client ask for a scope of this API and send the access token.',
  });
}

/** Whether the address was verified, where an optional claim says so; the e-mail itself is the tenant's to choose. */
const domainOwner = ({ xms_edov: said }: ReadableClaims): true | undefined =>
  [true, 'true', 1, '1'].includes(said) ? true : undefined;

const V1 = 'https://sts.windows.net/{tenantid}/';
const V2 = `${LOGIN}/{tenantid}/v2.0`;

/** Facts about Microsoft Entra, in both versions of its tokens: `oid` is the person, and the e-mail is not verified. */
export const entra: Provider<EntraPresetOptions> = {
  own: namesOf<EntraPresetOptions>()({ tenant: true, tenants: true, clientId: true, appIdUri: true, versions: true }),
  facts(own) {
    oneOf('oidcPresets.entra', own, ['tenant', 'tenants']);
    const { tenant, tenants, clientId, appIdUri, versions = [1, 2] } = own;
    const ids =
      tenant === undefined
        ? listOf(tenantId)('oidcPresets.entra.tenants', tenants)
        : ([tenantId('oidcPresets.entra.tenant', tenant)] as const);
    const clients = listOf(text)('oidcPresets.entra.clientId', clientId);
    const uris = appIdUri === undefined ? [] : listOf(text)('oidcPresets.entra.appIdUri', appIdUri);
    const wanted: readonly unknown[] = listOf((option, version) => {
      if (version === 1 || version === 2) return version;
      throw new ConfigurationError(option, 'expects a list of the numbers 1 and 2');
    })('oidcPresets.entra.versions', versions);
    // The first name is the identity's, and people keep it whichever version their tokens are of.
    const templates = wanted.includes(2) ? named(wanted.includes(1) ? [V2, V1] : [V2]) : V1;
    const only = ids.length === 1 ? ids[0] : undefined;
    const filled = (template: string) => (only === undefined ? template : template.replace('{tenantid}', only));
    return {
      options: {
        issuer: typeof templates === 'string' ? filled(templates) : templates.map(filled),
        ...(only === undefined ? { tenants: ids } : {}),
        audience: [...new Set([...clients.flatMap((id) => [id, `api://${id.replace(/^api:\/\//, '')}`]), ...uris])],
        jwksUri: `${LOGIN}/${only ?? 'common'}/discovery/v2.0/keys`,
        claims: {
          subject: 'oid',
          username: ({ preferred_username: preferred, upn, unique_name: unique }) => preferred ?? upn ?? unique,
          emailVerified: domainOwner,
        },
      },
      assertOurs(claims) {
        if (only !== undefined && String(claims.tid).toLowerCase() !== only)
          throw invalidClaim('tid', 'is not the tenant of the issuer', { expected: only });
        assertAccess(claims);
      },
      hint: (refusal) => entraHint(refusal.code, refusal.claims, refusal.header, ids),
    };
  },
};

function entraHint(code: string, claims: ReadableClaims, header: object, ids: readonly string[]): string | undefined {
  const isGraph = audiencesOf(claims).some((aud) => GRAPH.includes(aud.replace(/\/$/, ''))) || 'nonce' in header;
  if (isGraph)
    return 'This token is for Microsoft Graph, and nobody else can verify it: have the client ask for a scope of this API, such as api://<client id>/access_as_user.';
  if (code !== 'issuer_unknown') return undefined;
  const [, found] =
    /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\/([^/]+)\//.exec(String(claims.iss)) ?? [];
  if (found === undefined) return undefined;
  return ids.includes(found)
    ? 'The tenant is right, and the token is of the other version: allow it by versions, or change requestedAccessTokenVersion in the manifest of the API.'
    : 'The token is of another tenant.';
}

/** Own options of the preset `b2c`. */
export interface B2cPresetOptions {
  /** Name of the tenant, such as `contoso`. */
  tenant: string;
  /** Id of the tenant. */
  tenantId: string;
  /** User flows and custom policies whose tokens are welcome, such as `B2C_1_signin`. */
  policies: readonly string[];
  /** Client id of the API's application, or several. */
  clientId: Texts;
  /**
   * Host that people sign in at.
   * @default the tenant's name and `.b2clogin.com`
   */
  domain?: string | undefined;
}

/** Facts about Azure AD B2C: keys and issuers by policy, `oid` for the person, the e-mail in a list. */
export const b2c: Provider<B2cPresetOptions> = {
  own: namesOf<B2cPresetOptions>()({ tenant: true, tenantId: true, policies: true, clientId: true, domain: true }),
  facts({ tenant, tenantId: id, policies, clientId, domain }) {
    const name = part('oidcPresets.b2c.tenant', tenant);
    const short = name.replace(/\.(onmicrosoft|b2clogin)\.com$/i, '');
    if (short !== name || name.includes('.'))
      throw new ConfigurationError(
        'oidcPresets.b2c.tenant',
        `expects the name alone; write "${short.replace(/\..*/, '')}"`,
      );
    const directory = guid('oidcPresets.b2c.tenantId', id);
    const welcome = listOf(part)('oidcPresets.b2c.policies', policies);
    const place = `https://${domain === undefined ? `${name}.b2clogin.com` : host('oidcPresets.b2c.domain', domain)}`;
    const byPolicy = welcome.flatMap((policy) =>
      [policy, policy.toLowerCase()].map((written) => `${place}/tfp/${directory}/${written}/v2.0/`),
    );
    const known = welcome.map((policy) => policy.toLowerCase());
    return {
      options: {
        issuer: [...new Set([`${place}/${directory}/v2.0/`, ...byPolicy])],
        audience: listOf(text)('oidcPresets.b2c.clientId', clientId),
        claims: { subject: ({ oid, sub }) => oid ?? sub, email: ({ emails, email }) => [emails].flat()[0] ?? email },
      },
      keyPlaces: welcome.map((policy) => ({
        discovery: { url: `${place}/${name}.onmicrosoft.com/${policy}/v2.0/.well-known/openid-configuration` },
      })),
      assertOurs(claims) {
        const policy = claims.tfp ?? claims.acr;
        if (typeof policy !== 'string' || !known.includes(policy.toLowerCase()))
          throw invalidClaim(claims.tfp === undefined ? 'acr' : 'tfp', 'is another policy than those listed', {
            expected: welcome,
            hint: 'The token is of another user flow or custom policy of the tenant; list it in policies if it is to be welcome.',
          });
        assertAccess(claims);
      },
    };
  },
};
