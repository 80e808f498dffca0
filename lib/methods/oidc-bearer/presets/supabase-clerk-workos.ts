import { ConfigurationError } from '../../../errors/configuration-error.js';
import { invalidClaim } from '../../../errors/token-refusals.js';
import { namesOf } from '../../../options/option-names.js';
import { anyOf } from '../../../principal/composed-path.js';
import { firstOf } from '../../../tokens/first-of.js';
import { fromCookie } from '../../../tokens/from-cookie.js';
import { fromBearer } from '../../../tokens/from-header.js';
import type { Provider } from '../provider-facts.js';
import { address, host, oneOf, onlyList, part } from './facts.js';

/** Own options of the preset `supabase`. */
export type SupabasePresetOptions = {
  /**
   * Secret of a project whose tokens are, or were, signed HS256.
   * @default undefined, keys come from the project
   */
  jwtSecret?: string | undefined;
} & (
  | {
      /** Reference of the project: the first part of its address. */
      projectRef: string;
      url?: never;
    }
  | {
      /** Address of an instance of one's own. */
      url: string;
      projectRef?: never;
    }
);

/** Facts about Supabase: `role` is a role of the database, and what people write themselves counts for nothing. */
export const supabase: Provider<SupabasePresetOptions> = {
  own: namesOf<SupabasePresetOptions>()({ projectRef: true, url: true, jwtSecret: true }),
  facts(own) {
    oneOf('oidcPresets.supabase', own, ['projectRef', 'url']);
    const { projectRef, url, jwtSecret } = own;
    const base =
      projectRef === undefined
        ? address('oidcPresets.supabase.url', url).replace(/\/auth\/v1$/, '')
        : `https://${part('oidcPresets.supabase.projectRef', projectRef)}.supabase.co`;
    const issuer = `${base}/auth/v1`;
    return {
      options: {
        issuer,
        audience: 'authenticated',
        jwksUri: `${issuer}/.well-known/jwks.json`,
        ...(jwtSecret === undefined ? {} : { secret: jwtSecret }),
        // Somebody who signed in anonymously is nobody to register.
        subjects: ({ is_anonymous: anonymous }) => (anonymous === true ? 'client' : 'user'),
        claims: {
          email: ({ email }) => email || undefined,
          roles: '/app_metadata/roles',
          attributes: { role: 'role', aal: 'aal' },
        },
      },
      assertOurs({ role, sub }) {
        if (role === 'service_role' || role === 'anon' || sub === undefined)
          throw invalidClaim('role', 'is that of a key of the project, and of no person', { hint: PROJECT_KEY });
      },
      hint({ code, claims, header }) {
        if (code === 'issuer_unknown' && claims.iss === 'supabase') return PROJECT_KEY;
        return code === 'algorithm_not_allowed' && header.alg === 'HS256'
          ? 'The project signs with its legacy secret: give it as jwtSecret, or move the project to signing keys.'
          : undefined;
      },
    };
  },
};

const PROJECT_KEY = 'This is the anon or service_role key of the project; send the access token of the session.';

/** Own options of the preset `clerk`. */
export interface ClerkPresetOptions {
  /** Frontend API's address, such as `https://clerk.acme.com` or `https://<slug>.clerk.accounts.dev`. */
  issuer: string;
  /** Origins of the pages whose sessions are welcome, such as `https://app.acme.com`. */
  authorizedParties: readonly string[];
}

function origin(option: string, value: unknown): string {
  const url = address(option, value);
  const { origin: own } = new URL(url);
  if (own !== value) throw new ConfigurationError(option, `expects the origin of a page; write "${own}"`);
  return own;
}

const commaList = (value: unknown): unknown => (typeof value === 'string' ? value.split(',').filter(Boolean) : value);

/** Facts about Clerk: no audience, so the page decides; a cookie of the same site beside the header, often older. */
export const clerk: Provider<ClerkPresetOptions> = {
  own: namesOf<ClerkPresetOptions>()({ issuer: true, authorizedParties: true }),
  facts({ issuer, authorizedParties }) {
    const parties = onlyList(origin)('oidcPresets.clerk.authorizedParties', authorizedParties);
    const frontend = address('oidcPresets.clerk.issuer', issuer);
    return {
      options: {
        issuer: frontend,
        audience: null,
        jwksUri: `${frontend}/.well-known/jwks.json`,
        tokenFrom: firstOf(fromBearer(), fromCookie('__session')),
        claims: {
          roles: ({ o, org_role: role }) => o?.rol ?? role,
          scopes: ({ o, org_permissions: permissions }) => commaList(o?.per) ?? permissions,
          attributes: { organization_id: ({ o, org_id: id }) => o?.id ?? id },
        },
      },
      assertOurs({ azp, sts }) {
        if (!parties.some((party) => party === azp))
          throw invalidClaim('azp', azp === undefined ? 'is missing' : 'is none of the authorized parties', {
            expected: parties,
            hint: 'The session is of another application of the instance, or was not begun on a page.',
          });
        if (sts === 'pending')
          throw invalidClaim('sts', 'says that the session is pending', {
            hint: 'The person has yet to finish a task of the sign-in, such as the choice of an organisation.',
          });
      },
    };
  },
};

/** Own options of the preset `workos`. */
export type WorkosPresetOptions = {
  /**
   * Custom domain of the authentication API.
   * @default none
   */
  customDomain?: string | undefined;
} & (
  | {
      /** Client id of the environment. */
      clientId: string;
      clientIds?: never;
    }
  | {
      /** Client ids of several environments, whose people are kept apart. */
      clientIds: readonly string[];
      clientId?: never;
    }
);

const WORKOS = 'https://api.workos.com';

/** Facts about WorkOS AuthKit: no audience, keys by client, and an issuer that has been written in several ways. */
export const workos: Provider<WorkosPresetOptions> = {
  own: namesOf<WorkosPresetOptions>()({ clientId: true, clientIds: true, customDomain: true }),
  facts(own, extras) {
    oneOf('oidcPresets.workos', own, ['clientId', 'clientIds']);
    const { clientId, clientIds, customDomain } = own;
    const option = `oidcPresets.workos.${clientId === undefined ? 'clientIds' : 'clientId'}`;
    const [client, ...others] = clientId === undefined ? onlyList(part)(option, clientIds) : [part(option, clientId)];
    const custom =
      customDomain === undefined ? [] : [`https://${host('oidcPresets.workos.customDomain', customDomain)}`];
    const bases = [WORKOS, ...custom];
    if (others.length > 0 && extras.issuer !== undefined)
      throw new ConfigurationError('oidcPresets.workos.issuer', 'contradicts several clientIds, which have one each');
    const settings = (id: string, names: readonly string[]) => ({
      issuer: [`${WORKOS}/user_management/${id}`, ...custom.map((base) => `${base}/user_management/${id}`), ...names],
      audience: null,
      jwksUri: `${WORKOS}/sso/jwks/${id}`,
    });
    // A name without the client says whose a token is only where there is one.
    const several = [client, ...others].map((id) => settings(id, []));
    const issuers = new Map(several.flatMap((one) => one.issuer.map((name) => [name, one] as const)));
    return {
      options: {
        ...(others.length > 0
          ? {}
          : settings(
              client,
              bases.flatMap((base) => [base, `${base}/`]),
            )),
        claims: {
          roles: anyOf('role', 'roles'),
          scopes: 'permissions',
          attributes: { org_id: 'org_id' },
          lists: { entitlements: 'entitlements', feature_flags: 'feature_flags' },
        },
      },
      ...(others.length > 0 ? { issuers } : {}),
      hint: ({ code, claims }) =>
        code === 'issuer_unknown' && String(claims.iss).endsWith('.authkit.app')
          ? 'This is a token for an MCP server or another resource: oidcBearer with that issuer and the resource as audience takes it.'
          : undefined,
    };
  },
};
