import { invalidClaim } from '../../../errors/token-refusals.js';
import { documentKeys } from '../../../keys/discovery-keys.js';
import type { SharedSecret } from '../../../keys/shared-secret-keys.js';
import { namesOf } from '../../../options/option-names.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { Audience, Provider, Texts } from '../provider-facts.js';
import { address, listOf, text } from './facts.js';

/** Own options of the preset `adfs`. */
export interface AdfsPresetOptions {
  /** Address of the server, such as `https://adfs.acme.com`. */
  url: string;
  /** Identifier of the API: `microsoft:identityserver:` and its id, or an address. */
  audience: Audience;
}

/** Form of what AD FS calls itself in access tokens. */
const FEDERATION = /^https?:\/\/[^/]+\/adfs\/services\/trust$/;

/**
 * Facts about AD FS: its document names the issuer of access tokens beside its own, and a person is named by one of
 * several claims.
 */
export const adfs: Provider<AdfsPresetOptions> = {
  own: namesOf<AdfsPresetOptions>()({ url: true, audience: true }),
  facts({ url, audience }, extras) {
    const server = address('oidcPresets.adfs.url', url).replace(/\/adfs$/i, '');
    const { hostname } = new URL(server);
    const document = `${server}/adfs`;
    const { maxStale, cooldown, keyRequest, ca, dangerouslyAllowHttp } = extras;
    const remote = { maxStale, cooldown, keyRequest, ca, dangerouslyAllowHttp };
    let federation: unknown;
    return {
      options: {
        issuer: [`http://${hostname}/adfs/services/trust`, `https://${hostname}/adfs/services/trust`, document],
        audience,
        claims: {
          subject: ({ sub, upn, unique_name: unique, email }) => sub ?? upn ?? unique ?? email,
          username: ({ unique_name: unique, upn }) => unique ?? upn,
          groups: ({ group, groups }) => group ?? groups,
        },
      },
      openKeys: ({ algorithms, listeners }) =>
        documentKeys(
          { issuer: document, ...remote, algorithms, listeners },
          {
            issuers: [document],
            onNamed: (_issuer, { access_token_issuer: named }) => {
              federation = named;
            },
          },
        ),
      async isAlsoNamed(iss, ready) {
        if (!FEDERATION.test(iss)) return false;
        if (federation === undefined) await ready();
        return federation === iss;
      },
      hint: ({ code }) =>
        code === 'issuer_unknown'
          ? 'AD FS writes what its document calls access_token_issuer; give that as issuer where keys are not found by the document.'
          : undefined,
    };
  },
};

/** Own options of the preset `hydra`. */
export interface HydraPresetOptions {
  /** Issuer as it is configured, with or without a slash at its end. */
  issuer: string;
  /**
   * Audience that clients ask for.
   * @default null, because tokens have none unless it is asked for
   */
  audience?: Audience | undefined;
}

const session =
  (name: string) =>
  ({ ext, ...claims }: ReadableClaims): unknown =>
    ext?.[name] ?? claims[name];

/** Facts about Ory Hydra: rarely an audience, and what the consent said of the session below `ext`. */
export const hydra: Provider<HydraPresetOptions> = {
  own: namesOf<HydraPresetOptions>()({ issuer: true, audience: true }),
  facts: ({ issuer, audience = null }) => ({
    options: {
      issuer,
      audience,
      claims: {
        email: session('email'),
        emailVerified: session('email_verified'),
        name: session('name'),
        groups: session('groups'),
        roles: session('roles'),
      },
    },
    assertOurs({ scp, scope, client_id: client }) {
      // Where no audience is checked, an ID token without a nonce shows by what it lacks.
      if (scp === undefined && scope === undefined && client === undefined)
        throw invalidClaim('scp', 'is missing, and so is client_id: it is an ID token', { hint: ID_TOKEN });
    },
    hint: ({ code }) =>
      code === 'token_malformed'
        ? 'Hydra gives opaque access tokens unless the strategy for them is jwt; the option introspection takes both.'
        : undefined,
  }),
};

const ID_TOKEN = 'An ID token tells an application about a sign-in; send the access token to an API.';

/** Own options of the preset `fusionAuth`. */
export interface FusionAuthPresetOptions {
  /** Address of the instance, such as `https://acme.fusionauth.io`. */
  url: string;
  /** Issuer of the tenant, a free text: `acme.com` until it is changed. */
  issuer: string;
  /** Id of the application, or several. */
  applicationId: Texts;
  /**
   * Secret of the signing key, for a tenant that signs HS256.
   * @default undefined, keys come from the instance
   */
  secret?: SharedSecret | readonly SharedSecret[] | undefined;
}

/** Facts about FusionAuth: the issuer is a free text, so keys are found by the address. */
export const fusionAuth: Provider<FusionAuthPresetOptions> = {
  own: namesOf<FusionAuthPresetOptions>()({ url: true, issuer: true, applicationId: true, secret: true }),
  facts({ url, issuer, applicationId, secret }) {
    const applications = listOf(text)('oidcPresets.fusionAuth.applicationId', applicationId);
    return {
      options: {
        issuer,
        audience: applications,
        jwksUri: `${address('oidcPresets.fusionAuth.url', url)}/.well-known/jwks.json`,
        ...(secret === undefined ? {} : { secret }),
      },
      assertOurs({ applicationId: application }) {
        if (application !== undefined && !applications.some((id) => id === application))
          throw invalidClaim('applicationId', 'is another application', { expected: applications });
      },
      hint: ({ code, header }) =>
        code === 'algorithm_not_allowed' && header.alg === 'HS256'
          ? 'The tenant signs HS256: give the secret of its key as secret, or choose a key pair for its access tokens.'
          : undefined,
    };
  },
};

/** Own options of the preset `ping`. */
export type PingPresetOptions = {
  /** Audience of the API; `null` where the token manager writes none. */
  audience: Audience;
} & (
  | {
      /** Issuer, such as `https://auth.pingone.eu/<environment>/as`. */
      issuer: Texts;
      as?: never;
    }
  | {
      /** `null`, said aloud: the token manager of PingFederate writes no `iss`. */
      issuer: null;
      /** Name under which the people of these tokens are known. */
      as: string;
    }
);

/** Facts about PingOne and PingFederate: token managers write neither issuer nor audience unless they are told to. */
export const ping: Provider<PingPresetOptions> = {
  own: namesOf<PingPresetOptions>()({ issuer: true, audience: true, as: true }),
  facts: ({ audience, ...names }) => ({
    options: { ...names, audience },
    hint: ({ code }) =>
      code === 'claim_missing' && names.issuer !== null
        ? 'PingFederate writes iss only where the token manager has it configured: configure it, or say issuer: null with as.'
        : undefined,
  }),
};
