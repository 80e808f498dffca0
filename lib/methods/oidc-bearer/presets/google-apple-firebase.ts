import { invalidClaim, missingClaim } from '../../../errors/token-refusals.js';
import { assertBoolean } from '../../../options/assertions.js';
import { namesOf } from '../../../options/option-names.js';
import type { ReadableClaims } from '../../../tokens/readable-claims.js';
import type { KeyPlace, Provider, Texts } from '../provider-facts.js';
import { host, listOf, named, part, text } from './facts.js';

/** Own options of the preset `google`. */
export interface GooglePresetOptions {
  /** Client ids of the application, for the web and for each kind of device. */
  clientIds: Texts;
  /**
   * Workspace domain whose people alone are welcome, or several.
   * @default undefined, everybody with a Google account
   */
  hostedDomain?: Texts | undefined;
}

/** Facts about Google: an API gets ID tokens, with either spelling of the issuer; access tokens are opaque. */
export const google: Provider<GooglePresetOptions> = {
  own: namesOf<GooglePresetOptions>()({ clientIds: true, hostedDomain: true }),
  facts({ clientIds, hostedDomain }) {
    const domains =
      hostedDomain === undefined ? undefined : listOf(host)('oidcPresets.google.hostedDomain', hostedDomain);
    return {
      options: {
        issuer: ['https://accounts.google.com', 'accounts.google.com'],
        audience: listOf(text)('oidcPresets.google.clientIds', clientIds),
        accepts: 'id-token',
        jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
      },
      assertOurs({ hd }) {
        if (domains !== undefined && !domains.some((domain) => domain === hd))
          throw invalidClaim('hd', 'is none of the Workspace domains', {
            expected: domains,
            hint: 'Only accounts of these domains are welcome, and private accounts have no domain.',
          });
      },
      hint: ({ code }) =>
        code === 'token_malformed'
          ? 'Google’s access tokens (ya29.…) are opaque and for Google’s own APIs: send the ID token.'
          : undefined,
    };
  },
};

/** Own options of the preset `apple`. */
export interface ApplePresetOptions {
  /** Bundle ids and services ids of the application. */
  clientIds: Texts;
}

/** Facts about Sign in with Apple: ID tokens, whose truths may be texts, and whose e-mail is often a relay's. */
export const apple: Provider<ApplePresetOptions> = {
  own: namesOf<ApplePresetOptions>()({ clientIds: true }),
  facts: ({ clientIds }) => ({
    options: {
      issuer: 'https://appleid.apple.com',
      audience: listOf(text)('oidcPresets.apple.clientIds', clientIds),
      accepts: 'id-token',
      jwksUri: 'https://appleid.apple.com/auth/keys',
      claims: { emailVerified: 'email_verified', attributes: { is_private_email: 'is_private_email' } },
    },
    hint: ({ code }) =>
      code === 'token_malformed' ? 'Apple’s access tokens are opaque: send the identity token.' : undefined,
  }),
};

/** Own options of the preset `firebase`. */
export interface FirebasePresetOptions {
  /** Id of the project. */
  projectId: string;
  /**
   * `true`: session cookies of the project are welcome as well; `tokenFrom` says where they stand.
   * @default false
   */
  sessionCookies?: boolean | undefined;
}

const ID_KEYS = 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com';
const COOKIE_KEYS = 'https://identitytoolkit.googleapis.com/v1/sessionCookiePublicKeys';

const isAnonymous = ({ firebase }: ReadableClaims): boolean => firebase?.sign_in_provider === 'anonymous';

/** Seconds by which the time of a sign-in may lie ahead. */
const AHEAD = 300;

function assertFirebase({ sub, user_id: user, auth_time: at }: ReadableClaims): void {
  if (typeof sub !== 'string' || sub === '') throw missingClaim('sub');
  if (user !== undefined && user !== sub) throw invalidClaim('user_id', 'is not the subject');
  if (at === undefined) throw missingClaim('auth_time', { hint: 'Firebase writes it into every token of a person.' });
  if (typeof at !== 'number' || at > Date.now() / 1000 + AHEAD) throw invalidClaim('auth_time', 'is not in the past');
}

/**
 * Facts about Firebase: ID tokens and, where wanted, session cookies, which have another issuer and other keys; one
 * identity.
 */
export const firebase: Provider<FirebasePresetOptions> = {
  own: namesOf<FirebasePresetOptions>()({ projectId: true, sessionCookies: true }),
  facts({ projectId, sessionCookies = false }) {
    const project = part('oidcPresets.firebase.projectId', projectId);
    assertBoolean('oidcPresets.firebase.sessionCookies', sessionCookies);
    const [ids, cookies] = [
      `https://securetoken.google.com/${project}`,
      `https://session.firebase.google.com/${project}`,
    ];
    const keyPlaces: readonly KeyPlace[] = [{ jwksUri: ID_KEYS }, { jwksUri: COOKIE_KEYS }];
    return {
      options: {
        issuer: named(sessionCookies ? [ids, cookies] : [ids]),
        audience: project,
        accepts: 'id-token',
        keyFormat: 'any',
        jwksUri: ID_KEYS,
        // Somebody who signed in anonymously is nobody to register.
        subjects: (claims) => (isAnonymous(claims) ? 'client' : 'user'),
      },
      ...(sessionCookies ? { keyPlaces } : {}),
      assertOurs: assertFirebase,
      hint({ code, claims, header }) {
        if (code === 'algorithm_not_allowed' && header.alg === 'none')
          return 'The emulator does not sign its tokens; tests can use oidcSimulators.firebase of sallyport/testing.';
        if (code !== 'issuer_unknown') return undefined;
        if (claims.iss === cookies) return 'This is a session cookie; sessionCookies: true takes them as well.';
        return String(claims.iss).startsWith('https://firebaseappcheck.googleapis.com/')
          ? 'This is a token of App Check, which is a second credential in a header of its own.'
          : undefined;
      },
    };
  },
};
