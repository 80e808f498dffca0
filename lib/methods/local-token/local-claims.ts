import type { JWTPayload } from 'jose';
import { received } from '../../errors/error-detail.js';
import { invalidClaim } from '../../errors/token-refusals.js';
import { createPrincipal, type Principal, type PrincipalType } from '../../principal/principal.js';
import { type SubjectRule, subjectKind } from '../../principal/subject-kind.js';
import { isPlainRecord } from '../../tokens/strict-json.js';
import type { TokenOwner } from './local-token-method.js';
import { originOf } from './token-origin.js';

/** Media type of local tokens, so that no other token counts as one, nor one as another (RFC 8725 section 3.11). */
export const LOCAL_TOKEN_TYPE = 'local+jwt';

/**
 * Refuses a token that is not typed as a local one.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
export function assertLocalType(typ: string | undefined): void {
  if (typ === LOCAL_TOKEN_TYPE) return;
  throw invalidClaim('typ', 'is not that of a local token', { expected: LOCAL_TOKEN_TYPE, received: received(typ) });
}

const TYPES: readonly unknown[] = ['consumer', 'user', 'client', 'api-key'] satisfies PrincipalType[];
const TEXTS = ['username', 'email', 'name'] as const;
const LISTS = ['groups', 'roles', 'scopes'] as const;

/**
 * Makes the claims of a local token: who its owner is, what the owner may do, and where they signed in. The claims of
 * the original token are not copied.
 * @param self issuer of local tokens: a token issued for the owner of a local token keeps that token's origin.
 */
export function localClaims(owner: TokenOwner, self?: string): JWTPayload {
  const { type, id, username, email, emailVerified, name, groups, roles, scopes, attributes, listAttributes } = owner;
  const carried = { type, username, email, emailVerified, name, groups, roles, scopes, attributes, listAttributes };
  const origin = originOf(owner, self);
  return {
    sub: id,
    principal: Object.fromEntries(Object.entries(carried).filter(([, value]) => value !== undefined)),
    ...(origin === undefined ? {} : { origin: { ...origin } }),
  };
}

/** Whether local tokens can be issued for this type of principal. */
export const isLocalType = (type: unknown): type is PrincipalType => TYPES.includes(type);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function pick<T>(
  source: Record<string, unknown>,
  names: readonly string[],
  is: (value: unknown) => value is T,
): Record<string, T> {
  return Object.fromEntries(names.flatMap((name) => (is(source[name]) ? [[name, source[name]]] : [])));
}

function recordOf<T>(value: unknown, is: (member: unknown) => member is T): Record<string, T> {
  return isPlainRecord(value) ? pick(value, Object.keys(value), is) : {};
}

/**
 * Makes the principal of a local token.
 * @throws {InvalidTokenError} `claim_invalid` when the claims are not those of a local token.
 */
export function localPrincipal(
  method: string,
  issuer: string,
  claims: JWTPayload,
  expiresAt: Date,
  subjects: SubjectRule = 'auto',
): Principal {
  const { sub, jti, principal: carried } = claims;
  const type = isPlainRecord(carried) ? carried.type : undefined;
  if (!isPlainRecord(carried) || !isLocalType(type) || !sub || !jti)
    throw invalidClaim('principal', 'is not what local tokens say');
  const isText = (value: unknown): value is string => typeof value === 'string';
  const isSubject = type === 'user' || type === 'client';
  return createPrincipal({
    type: isSubject && subjects !== 'auto' ? subjectKind(subjects, { issuer, claims, subject: sub }) : type,
    id: sub,
    method,
    issuer,
    subject: sub,
    ...pick(carried, TEXTS, isText),
    ...pick(carried, LISTS, isTexts),
    ...(typeof carried.emailVerified === 'boolean' ? { emailVerified: carried.emailVerified } : {}),
    attributes: recordOf(carried.attributes, isText),
    listAttributes: recordOf(carried.listAttributes, isTexts),
    claims,
    credential: { kind: 'local', id: jti, expiresAt },
  });
}
