import { ConfigurationError } from '../../../errors/configuration-error.js';
import { invalidClaim } from '../../../errors/token-refusals.js';
import { namesOf } from '../../../options/option-names.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { Provider, Texts } from '../provider-facts.js';
import { address, audiencesOf, host, listOf, named, oneOf, part, text } from './facts.js';

/** Own options of the preset `cognito`. */
export interface CognitoPresetOptions {
  /** Region of the user pool, such as `eu-west-1`. */
  region: string;
  /** Id of the user pool, such as `eu-west-1_Ab12`. */
  userPoolId: string;
  /** App client whose tokens are welcome, or several. */
  clientId: Texts;
  /**
   * Which tokens callers present: `id` for those who send ID tokens, because the e-mail stands nowhere else.
   * @default 'access'
   */
  use?: 'access' | 'id' | undefined;
}

/**
 * Facts about Amazon Cognito: access tokens name their client and no audience; ID tokens only where they are asked
 * for.
 */
export const cognito: Provider<CognitoPresetOptions> = {
  own: namesOf<CognitoPresetOptions>()({ region: true, userPoolId: true, clientId: true, use: true }),
  facts({ region, userPoolId, clientId, use = 'access' }) {
    const place = part('oidcPresets.cognito.region', region);
    const pool = part('oidcPresets.cognito.userPoolId', userPoolId);
    const clients = listOf(text)('oidcPresets.cognito.clientId', clientId);
    if (!pool.startsWith(`${place}_`))
      throw new ConfigurationError(
        'oidcPresets.cognito.userPoolId',
        `expects the id of a pool in that region, such as "${place}_Ab12"; this is "${pool}"`,
      );
    if (use !== 'access' && use !== 'id')
      throw new ConfigurationError('oidcPresets.cognito.use', 'expects "access" or "id"');
    const isAccess = use === 'access';
    const domain = place.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return {
      options: {
        issuer: `https://cognito-idp.${place}.${domain}/${pool}`,
        ...(isAccess ? { audience: null, clients } : { audience: clients, accepts: 'id-token' }),
        claims: { username: isAccess ? 'username' : 'cognito:username', groups: 'cognito:groups' },
      },
      assertOurs({ token_use: said }) {
        if (said !== use) throw invalidClaim('token_use', 'is that of another kind of token', { expected: use });
      },
      hint({ claims }) {
        if (claims.token_use === use || !['access', 'id'].includes(claims.token_use)) return undefined;
        return isAccess
          ? "This is an ID token; send the access token, or say use: 'id' where the application needs what stands only there."
          : "This is an access token, and the method says use: 'id'.";
      },
    };
  },
};

/** Own options of the preset `logto`. */
export type LogtoPresetOptions = {
  /** Address of the tenant, such as `https://acme.logto.app`. */
  endpoint: string;
} & (
  | {
      /** Indicator of the API resource, or several. */
      resource: Texts;
      organizations?: never;
    }
  | {
      /** `true`: tokens of organisations, whichever it is; `listAttributes` and `claims` say which. */
      organizations: true;
      resource?: never;
    }
);

const ORGANIZATION = 'urn:logto:organization:';

/** Facts about Logto: an opaque token where no resource was asked for; an audience for each organisation. */
export const logto: Provider<LogtoPresetOptions> = {
  own: namesOf<LogtoPresetOptions>()({ endpoint: true, resource: true, organizations: true }),
  facts(own) {
    const { endpoint, resource, organizations } = own;
    oneOf('oidcPresets.logto', own, ['resource', 'organizations']);
    if (organizations !== undefined && organizations !== true)
      throw new ConfigurationError('oidcPresets.logto.organizations', 'expects true; leave it out to name a resource');
    return {
      options: {
        issuer: `${address('oidcPresets.logto.endpoint', endpoint).replace(/\/oidc$/, '')}/oidc`,
        audience:
          resource === undefined
            ? (audiences) => audiences.some((aud) => aud.startsWith(ORGANIZATION))
            : listOf(text)('oidcPresets.logto.resource', resource),
        claims: {
          attributes: {
            organization_id: ({ aud, organization_id: id }) =>
              id ??
              audiencesOf({ aud })
                .find((one) => one.startsWith(ORGANIZATION))
                ?.slice(ORGANIZATION.length),
          },
        },
      },
      hint: ({ code }) =>
        code === 'token_malformed'
          ? 'Logto gives an opaque token to a client that names no resource: have the client ask with resource set to the indicator of the API.'
          : undefined,
    };
  },
};

/** Own options of the preset `stytch`. */
export interface StytchPresetOptions {
  /** Id of the project, such as `project-live-…`. */
  projectId: string;
  /**
   * Custom domain of the project, which is another name of its issuer.
   * @default none
   */
  customDomain?: string | undefined;
}

const STYTCH_SESSION = 'https://stytch.com/session';

function factorAddress(claims: ReadableClaims): unknown {
  const factors: unknown = claims[STYTCH_SESSION]?.authentication_factors;
  const found = Array.isArray(factors) ? factors.find((factor) => factor?.email_factor?.email_address) : undefined;
  return found?.email_factor.email_address ?? claims.email;
}

/** Facts about Stytch: an issuer without a scheme, and the session in a claim of its own. */
export const stytch: Provider<StytchPresetOptions> = {
  own: namesOf<StytchPresetOptions>()({ projectId: true, customDomain: true }),
  facts({ projectId, customDomain }) {
    const project = part('oidcPresets.stytch.projectId', projectId);
    const custom =
      customDomain === undefined ? [] : [`https://${host('oidcPresets.stytch.customDomain', customDomain)}`];
    const api = `https://${project.startsWith('project-test-') ? 'test' : 'api'}.stytch.com`;
    return {
      options: {
        issuer: named([`stytch.com/${project}`, ...custom]),
        audience: project,
        jwksUri: `${api}/v1/sessions/jwks/${project}`,
        claims: {
          roles: [STYTCH_SESSION, 'roles'],
          email: factorAddress,
          attributes: { organization_id: ['https://stytch.com/organization', 'organization_id'] },
        },
      },
      hint: ({ code, claims }) =>
        code === 'issuer_unknown' && String(claims.iss).startsWith('https://')
          ? 'Tokens of connected applications name the custom domain of the project: give it as customDomain.'
          : undefined,
    };
  },
};

/** Own options of the preset `descope`. */
export interface DescopePresetOptions {
  /** Id of the project. */
  projectId: string;
}

/** What the current tenant grants, otherwise what the project does. */
const granted =
  (name: 'roles' | 'permissions') =>
  ({ tenants, dct, ...claims }: ReadableClaims): unknown =>
    (typeof dct === 'string' ? tenants?.[dct]?.[name] : undefined) ?? claims[name];

/** Facts about Descope: one project under many names, and no audience in sessions. */
export const descope: Provider<DescopePresetOptions> = {
  own: namesOf<DescopePresetOptions>()({ projectId: true }),
  facts({ projectId }) {
    const project = part('oidcPresets.descope.projectId', projectId);
    const apps = 'https://api.descope.com/v1/apps';
    const issuer = `${apps}/${project}`;
    const isName = (iss: string) =>
      iss === project || [`${issuer}/`, `${apps}/agentic/${project}/`].some((form) => iss.startsWith(form));
    return {
      options: {
        issuer,
        audience: (audiences) => audiences.length === 0 || audiences.includes(project),
        jwksUri: `https://api.descope.com/${project}/.well-known/jwks.json`,
        claims: { roles: granted('roles'), scopes: granted('permissions'), attributes: { tenant: 'dct' } },
      },
      issuerOf: ({ iss }) => (typeof iss === 'string' && isName(iss) ? issuer : undefined),
      assertOurs({ drn }) {
        if (drn !== undefined && drn !== 'DS')
          throw invalidClaim('drn', 'names another kind of token', { expected: 'DS', hint: SESSION });
      },
      hint: ({ claim }) => (claim === 'drn' ? SESSION : undefined),
    };
  },
};

const SESSION = 'This is the refresh token; send the session token (DS).';
