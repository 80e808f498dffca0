import { namesOf } from '../../../options/option-names.js';
import { anyOf, split } from '../../../principal/composed-path.js';
import { type Audience, audiencesOf, host, listOf, named, type Provider, part, text } from './facts.js';

/** What differs per customer of Auth0. */
export interface Auth0PresetOptions {
  /** The tenant's own domain, such as `acme.eu.auth0.com`. It names the issuer, whichever domain a token comes from. */
  domain: string;
  /**
   * Custom domains of the tenant: other names of the same issuer for the same people.
   * @default none
   */
  customDomains?: readonly string[] | undefined;
  /** The API's identifier, or several. */
  audience: Audience;
  /**
   * Where an Action puts claims, such as `https://acme.com/`: `roles`, `email` and `email_verified` are read below it.
   * @default undefined, they are read where the standard has them
   */
  namespace?: string | undefined;
}

const below = (namespace: string, name: string) => [`${namespace.replace(/\/*$/, '/')}${name}`];

/** Auth0: an opaque or encrypted token where no audience was asked for; rights in `scope` and `permissions`. */
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

/** What differs per customer of Okta. */
export interface OktaPresetOptions {
  /** The organisation's domain, such as `acme.okta.com`, or a custom domain. */
  domain: string;
  /**
   * Id of the authorization server.
   * @default 'default'
   */
  authorizationServer?: string | undefined;
  /** The audience of the authorization server, `api://default` unless it was changed. */
  audience: Audience;
}

/** Okta: `sub` is the login name and changes with it, `uid` stays; machines have no `uid`. */
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
