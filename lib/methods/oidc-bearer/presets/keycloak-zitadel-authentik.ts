import { ConfigurationError } from '../../../errors/configuration-error.js';
import { invalidClaim } from '../../../errors/token-refusals.js';
import { namesOf } from '../../../options/option-names.js';
import { anyOf, keysOf } from '../../../principal/composed-path.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { Provider, Refusal, Texts } from '../provider-facts.js';
import { address, audiencesOf, listOf, part, text } from './facts.js';

/** Own options of the preset `keycloak`. */
export interface KeycloakPresetOptions {
  /** Address of the server as browsers see it, such as `https://id.example.com`; before version 17 it ends in `/auth`. */
  url: string;
  /** Name of the realm. */
  realm: string;
  /** Client id of this API, or several: tokens must be for it, or given to it. */
  clientId: Texts;
  /**
   * Address at which this server reaches Keycloak, where that is another one; keys are fetched from there.
   * @default the address that browsers see
   */
  internalUrl?: string | undefined;
}

function keycloakAddress(option: string, value: unknown): string {
  const url = address(option, value);
  const base = url.replace(/\/(realms|admin)(\/.*)?$/, '');
  if (base !== url)
    throw new ConfigurationError(option, `expects the address of the server, without its realm; write "${base}"`);
  return url;
}

function keycloakHint({ code, claims, cause }: Refusal, url: string, client: string): string | undefined {
  if (code === 'keys_unavailable')
    return /\b404\b/.test(cause) && !url.endsWith('/auth')
      ? `Is the realm there? Before version 17 Keycloak has its realms below /auth: url: "${url}/auth".`
      : undefined;
  if (code === 'issuer_unknown')
    return 'Keycloak names the address at which the token was asked for: compare url, and realm; internalUrl is for the address inside.';
  const others = audiencesOf(claims).filter((aud) => aud !== 'account');
  return code === 'audience_mismatch' && others.length === 0
    ? `Keycloak puts an API into aud only by an audience mapper or a role of its client: add a mapper for ${client} to the client that asks. Every client of the realm has "account".`
    : undefined;
}

/**
 * Facts about Keycloak: the audience needs a mapper, roles stand in two places, kinds of tokens are told apart by a
 * claim.
 */
export const keycloak: Provider<KeycloakPresetOptions> = {
  own: namesOf<KeycloakPresetOptions>()({ url: true, realm: true, clientId: true, internalUrl: true }),
  facts({ url, realm, clientId, internalUrl }) {
    const server = keycloakAddress('oidcPresets.keycloak.url', url);
    const name = part('oidcPresets.keycloak.realm', realm);
    const clients = listOf(text)('oidcPresets.keycloak.clientId', clientId);
    const inside =
      internalUrl === undefined ? undefined : keycloakAddress('oidcPresets.keycloak.internalUrl', internalUrl);
    const isOurs = (id: unknown) => clients.some((client) => client === id);
    return {
      options: {
        issuer: `${server}/realms/${name}`,
        audience: (audiences, { azp }) => audiences.some(isOurs) || isOurs(azp),
        ...(inside === undefined ? {} : { jwksUri: `${inside}/realms/${name}/protocol/openid-connect/certs` }),
        claims: {
          roles: anyOf('/realm_access/roles', ...clients.map((client) => ['resource_access', client, 'roles'])),
          lists: { organizations: keysOf('organization') },
        },
      },
      assertOurs({ typ }) {
        if (typ !== undefined && typ !== 'Bearer' && typ !== 'DPoP')
          throw invalidClaim('typ', 'names another kind of token', { expected: ['Bearer', 'DPoP'] });
      },
      hint: (refusal) => keycloakHint(refusal, server, clients[0]),
    };
  },
};

/** Own options of the preset `zitadel`. */
export interface ZitadelPresetOptions {
  /** Address of the instance, such as `https://acme.zitadel.cloud`. */
  issuer: string;
  /** Id of the project that this API belongs to. */
  projectId: string;
  /**
   * Applications of the project whose tokens are welcome, by client id.
   * @default undefined, all of them
   */
  clients?: readonly string[] | undefined;
}

const ROLES = 'urn:zitadel:iam:org:project:roles';
const ROLES_OF_ANY = /^urn:zitadel:iam:org:project:[^:]+:roles$/;

/** Roles of the project; those of the client's own project only where the token names no project at all. */
function rolesIn(claims: ReadableClaims, projectId: string): unknown {
  const isByProject = Object.keys(claims).some((name) => ROLES_OF_ANY.test(name));
  return isByProject ? claims[`urn:zitadel:iam:org:project:${projectId}:roles`] : claims[ROLES];
}

/**
 * Facts about ZITADEL: the project is the audience, roles are the keys of an object, service users are no
 * applications.
 */
export const zitadel: Provider<ZitadelPresetOptions> = {
  own: namesOf<ZitadelPresetOptions>()({ issuer: true, projectId: true, clients: true }),
  facts({ issuer, projectId, clients }) {
    const project = part('oidcPresets.zitadel.projectId', projectId);
    return {
      options: {
        issuer: address('oidcPresets.zitadel.issuer', issuer),
        audience: project,
        ...(clients === undefined ? {} : { clients: listOf(text)('oidcPresets.zitadel.clients', clients) }),
        // A service user is the client of its token under its user name, which is no application of the project.
        subjects: ({ aud, client_id: client }) =>
          typeof client === 'string' && client !== '' && !audiencesOf({ aud }).includes(client) ? 'client' : 'user',
        claims: { roles: keysOf((claims) => rolesIn(claims, project)) },
      },
      hint({ code }) {
        if (code === 'token_malformed')
          return 'ZITADEL gives opaque access tokens unless JWT is chosen for the application or the service user; the option introspection takes both.';
        return code === 'audience_mismatch'
          ? `Have the client ask for the scope urn:zitadel:iam:org:project:id:${project}:aud, or make it an application of the project.`
          : undefined;
      },
    };
  },
};

/** Own options of the preset `authentik`. */
export interface AuthentikPresetOptions {
  /** Address of the server, such as `https://auth.example.com`. */
  url: string;
  /** Slug of the application. */
  slug: string;
  /** Client id of the provider, or several. */
  clientId: Texts;
  /**
   * Client secret of the provider, for one that has no signing key and signs HS256 with it.
   * @default undefined, it has a signing key
   */
  clientSecret?: string | undefined;
}

/**
 * Facts about authentik: an issuer for each application or one for all, and the client secret as the key where no
 * other is chosen.
 */
export const authentik: Provider<AuthentikPresetOptions> = {
  own: namesOf<AuthentikPresetOptions>()({ url: true, slug: true, clientId: true, clientSecret: true }),
  facts({ url, slug, clientId, clientSecret }) {
    const server = address('oidcPresets.authentik.url', url);
    const application = `${server}/application/o/${part('oidcPresets.authentik.slug', slug)}/`;
    return {
      options: {
        issuer: [application, `${server}/`],
        audience: listOf(text)('oidcPresets.authentik.clientId', clientId),
        jwksUri: `${application}jwks/`,
        ...(clientSecret === undefined ? {} : { secret: text('oidcPresets.authentik.clientSecret', clientSecret) }),
      },
      hint: ({ code, header }) =>
        code === 'algorithm_not_allowed' && header.alg === 'HS256'
          ? 'The provider has no signing key, so authentik signs with its client secret: choose a signing key for it, or give clientSecret.'
          : undefined,
    };
  },
};
