import type { JWTPayload } from 'jose';
import { clientOf } from '../tokens/client-claims.js';

/** Claims of a token, and its issuer. */
export interface IssuedClaims {
  readonly issuer: string;
  readonly claims: JWTPayload;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Claims that a token has only after a person signed in. */
const SESSION_CLAIMS = ['sid', 'session_state', 'nonce', 'auth_time', 'amr'] as const;

/** Claims that describe a person. */
const PROFILE_CLAIMS = [
  'name',
  'given_name',
  'family_name',
  'nickname',
  'email',
  'emails',
  'mail',
  'email_verified',
  'upn',
  'unique_name',
  'phone_number',
  'phone_number_verified',
  'preferred_username',
  'cognito:username',
  'login',
  'middle_name',
  'picture',
  'profile',
  'website',
  'birthdate',
  'gender',
  'locale',
  'zoneinfo',
  'oid',
  'act',
] as const;

/** Claims that name the user; some providers write the client's id where there is none (RFC 7662 section 2.2). */
const USER_CLAIMS = ['username', 'user_name', 'user_id', 'uid'] as const;

const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/**
 * Start of Keycloak's `jti` for a person: session, token and grant, with `ac` for a code, `ro` for a password, `dg` for
 * a device.
 */
const KEYCLOAK_PERSON = /^(?:on|of|tr)(?:rt|lt|na)?(?:ac|ro|dg):/;

/** Start of Keycloak's `jti` for client credentials, which may come with `email_verified` or the scope `openid`. */
const KEYCLOAK_PROGRAM = /^(?:on|of|tr)(?:rt|lt|na)?cc:/;

/** Whether the scope asks who signed in (OpenID Connect Core section 3.1.2.1). */
const asksWho = ({ scope, scp }: JWTPayload): boolean =>
  [scope, scp].flat().some((text) => textOf(text).split(' ').includes('openid'));

const hasSession = (claims: JWTPayload): boolean => SESSION_CLAIMS.some((name) => isSaid(claims[name]));

/**
 * Whether claims show that a person signed in, even if they do not name the person. `acr` does not count, because
 * Keycloak writes it for client credentials too.
 */
export function speaksOfPerson(claims: JWTPayload): boolean {
  const id = textOf(claims.jti);
  if (hasSession(claims) || KEYCLOAK_PERSON.test(id)) return true;
  if (KEYCLOAK_PROGRAM.test(id)) return false;
  const client = clientOf(claims);
  return (
    PROFILE_CLAIMS.some((name) => isSaid(claims[name])) ||
    USER_CLAIMS.some((name) => isSaid(claims[name]) && claims[name] !== client) ||
    asksWho(claims)
  );
}

/**
 * Whether the provider names client credentials as the grant: Auth0 and FusionAuth in `gty`, UAA in `grant_type`, Entra
 * in `idtyp`.
 */
function isClientCredentials({ gty, grant_type: grantType, idtyp }: JWTPayload): boolean {
  if (idtyp === 'app') return true;
  if (gty === undefined && grantType === undefined) return false;
  return [gty, grantType].flat().some((grant) => textOf(grant).replace('_', '-') === 'client-credentials');
}

/** Whether the subject is the token's client (RFC 9068 section 2.2), in Auth0 with `@clients` behind it. */
function isOwnClient({ sub, client_id, azp, appid, cid }: JWTPayload): boolean {
  const subject = textOf(sub).replace(/@clients$/, '');
  return subject !== '' && [client_id, azp, appid, cid].includes(subject);
}

/**
 * Whether a token is of a Keycloak service account, which is named after its client. A person may have chosen such a
 * name, so the name counts only without a sign-in, or with claims that Keycloak writes for client credentials alone.
 */
function isServiceAccount(claims: JWTPayload): boolean {
  const { preferred_username: preferred, username, client_id, clientId, azp, clientHost, clientAddress } = claims;
  const name = (textOf(preferred) || textOf(username)).toLowerCase();
  if (!name.startsWith('service-account-')) return false;
  const clients = [client_id, clientId, azp].filter((client) => textOf(client) !== '');
  const fits = clients.some((client) => name === `service-account-${textOf(client).toLowerCase()}`);
  return fits && (!hasSession(claims) || isSaid(clientHost) || isSaid(clientAddress));
}

/** Whether a token is of Authentik's service user, which it creates for a client with a secret, without a sign-in. */
function isAuthentikAccount(claims: JWTPayload): boolean {
  const { preferred_username: name, sid, session_state: session, nonce, amr, email } = claims;
  return /^ak-.+-client_credentials$/.test(textOf(name)) && ![sid, session, nonce, amr, email].some(isSaid);
}

/**
 * Whether a token is of Entra's client credentials without the optional claim `idtyp`: no scope, one object id, and how
 * the client authenticated.
 */
function isEntraApplication({ scp, oid, sub, azpacr, appidacr, xms_mirid: managed }: JWTPayload): boolean {
  return !isSaid(scp) && isSaid(sub) && oid === sub && [azpacr, appidacr, managed].some(isSaid);
}

/** Subjects that platforms give to workloads and never to people. */
const WORKLOAD_SUBJECT =
  /^(?:system:serviceaccount:|spiffe:\/\/|arn:aws[a-z-]*:|project_path:|m2m-client-|client_[0-9A-HJKMNP-TV-Z]{26}$)/;

/** Names of claims that only workloads have. */
const WORKLOAD_CLAIM = /^(?:kubernetes\.io(?:\/|$)|https:\/\/sts\.amazonaws\.com\/)/;

/** Issuers of GitHub Actions: with an enterprise's name behind, or on GitHub Enterprise Server. */
const GITHUB_ACTIONS = /^https:\/\/(?:token\.actions\.githubusercontent\.com(?:\/[^/]+)?|[^/]+\/_services\/token)$/;

const GOOGLE = /^(?:https:\/\/)?accounts\.google\.com$/;

function isGoogleAccount({ issuer, claims: { email, sub } }: IssuedClaims): boolean {
  const account = textOf(email) || textOf(sub);
  return account.endsWith('.gserviceaccount.com') && (GOOGLE.test(issuer) || issuer === account);
}

function isWorkload({ issuer, claims }: IssuedClaims): boolean {
  const { sub, job_id: job, project_path: project, drn } = claims;
  if (WORKLOAD_SUBJECT.test(textOf(sub)) || GITHUB_ACTIONS.test(issuer)) return true;
  if (isSaid(job) && isSaid(project)) return true;
  // Access keys of Descope.
  if (drn !== undefined && textOf(sub).startsWith('K2')) return true;
  return Object.keys(claims).some((name) => WORKLOAD_CLAIM.test(name));
}

/** Whether a token is of a FusionAuth entity: it has permissions by target, and no person or application. */
function isEntity({ tty, permissions, email, applicationId }: JWTPayload): boolean {
  const isByTarget = typeof permissions === 'object' && permissions !== null && !Array.isArray(permissions);
  return tty === 'at' && isByTarget && !isSaid(email) && !isSaid(applicationId);
}

/**
 * Whether a token stands for a program, by claims that its provider writes. A text that people can choose is never
 * enough.
 */
export function isProgram(issued: IssuedClaims): boolean {
  const { claims } = issued;
  if (claims.idtyp === 'user') return false;
  return (
    isClientCredentials(claims) ||
    isOwnClient(claims) ||
    isServiceAccount(claims) ||
    isAuthentikAccount(claims) ||
    isEntraApplication(claims) ||
    isEntity(claims) ||
    isWorkload(issued) ||
    isGoogleAccount(issued)
  );
}
