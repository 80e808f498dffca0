import { namesOf } from '../../../options/option-names.js';
import { anyOf, split } from '../../../principal/composed-path.js';
import type { Audience, Provider } from '../provider-facts.js';
import { audiencesOf, host, listOf, named, part, text } from './facts.js';

/** Own options of the preset `auth0`. */
export interface Auth0PresetOptions {
  /** Domain of the tenant, such as `acme.eu.auth0.com`. It names the issuer, even for tokens from a custom domain. */
  domain: string;
  /**
   * Custom domains of the tenant: other names of the same issuer for the same people.
   * @default none
   */
  customDomains?: readonly string[] | undefined;
  /** Identifier of the API, or several. */
  audience: Audience;
  /**
   * Namespace of claims that an Action adds, such as `https://acme.com/`: `roles`, `email` and `email_verified` are
   * read below it.
   * @default undefined, they are read from the standard claims
   */
  namespace?: string | undefined;
}

const below = (namespace: string, name: string) => [`${namespace.replace(/\/*$/, '/')}${name}`];

/**
 * Facts about Auth0: a token requested without an audience is opaque or encrypted; rights are in `scope` and
 * `permissions`.
 */
export const auth0: Provider<Auth0PresetOptions> = {
  own: namesOf<Auth0PresetOptions>()({ domain: true, customDomains: true, audience: true, namespace: true }),
  facts({ domain, customDomains = [], audience, namespace }) {
    const tenant = host('oidcPresets.auth0.domain', domain);
    const custom = customDomains.length === 0 ? [] : listOf(host)('oidcPresets.auth0.customDomains', customDomains);
    const space = namespace === undefined ? undefined : text('oidcPresets.auth0.namespace', namespace);
    return {
      options: {
        issuer: named([`https://${tenant}/`, ...custom.map((name) => `https://${name}/`)]),
        audience,
        claims: {
          scopes: anyOf(split('scope', ' '), 'permissions'),
          ...(space === undefined
            ? {}
            : {
                roles: below(space, 'roles'),
                email: below(space, 'email'),
                emailVerified: below(space, 'email_verified'),
              }),
        },
      },
      hint({ code, claims }) {
        if (code === 'token_malformed')
          return 'Auth0 gives an opaque or an encrypted token to a client that names no audience: have the client ask with audience set to the identifier of the API.';
        if (code !== 'audience_mismatch') return undefined;
        if (audiencesOf(claims).every((aud) => aud.endsWith('/userinfo')) && claims.scope !== undefined)
          return 'The client named no audience; have it ask with audience set to the identifier of the API.';
        return claims.scope === undefined && claims.gty === undefined
          ? 'This looks like an ID token, whose audience is the application; send the access token to an API.'
          : undefined;
      },
    };
  },
};

/** Own options of the preset `okta`. */
export interface OktaPresetOptions {
  /** Domain of the organisation, such as `acme.okta.com`, or a custom domain. */
  domain: string;
  /**
   * Id of the authorization server.
   * @default 'default'
   */
  authorizationServer?: string | undefined;
  /** Audience of the authorization server: `api://default` unless it was changed. */
  audience: Audience;
}

/** Facts about Okta: `sub` is the login name and changes with it, `uid` stays; programs have no `uid`. */
export const okta: Provider<OktaPresetOptions> = {
  own: namesOf<OktaPresetOptions>()({ domain: true, authorizationServer: true, audience: true }),
  facts({ domain, authorizationServer = 'default', audience }) {
    const organisation = `https://${host('oidcPresets.okta.domain', domain)}`;
    return {
      options: {
        issuer: `${organisation}/oauth2/${part('oidcPresets.okta.authorizationServer', authorizationServer)}`,
        audience,
        claims: { subject: ({ uid, sub }) => uid ?? sub, username: 'sub' },
      },
      hint: ({ code, claims }) =>
        code === 'issuer_unknown' && claims.iss === organisation
          ? `This token is from the organisation's own authorization server, whose access tokens only Okta may verify; have the client ask at ${organisation}/oauth2/${authorizationServer}.`
          : undefined,
    };
  },
};
