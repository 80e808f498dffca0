import type { JWTPayload } from 'jose';
import { applicationFault, synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { invalidClaim, missingClaim } from '../errors/token-refusals.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import { type IssuedClaims, isProgram, speaksOfPerson } from './program-marks.js';

/** Whether a verified token speaks for a person (`user`) or for a program (`client`). */
export type SubjectKind = 'user' | 'client';

/** Says of a token's claims whether they are a person's or a program's. */
export type SubjectKindOf = (claims: ReadableClaims) => SubjectKind;

/** The option `subjects`: what a method's tokens speak for. */
export type Subjects = 'auto' | SubjectKind | SubjectKindOf;

/** Resolved {@link Subjects}. */
export type SubjectRule = 'auto' | SubjectKind | SubjectKindOf;

const EXPECTED = 'expects "auto", "user", "client" or a function (claims) => "user" | "client"';

const isKind = (value: unknown): value is SubjectKind => value === 'user' || value === 'client';

/** Checks the option `subjects`. @throws ConfigurationError */
export function resolveSubjects(option: string, subjects: unknown = 'auto'): SubjectRule {
  if (subjects === 'auto' || isKind(subjects)) return subjects;
  if (typeof subjects !== 'function') throw new ConfigurationError(option, EXPECTED);
  // The type of the option says so; the answer is checked below.
  const ask = synchronousCode(option, subjects as (claims: JWTPayload) => unknown);
  return (claims) => {
    const kind = ask(claims);
    if (isKind(kind)) return kind;
    throw applicationFault(option, subjects, new TypeError('the function answered neither "user" nor "client"'));
  };
}

/** Sentences that a product writes as everybody's subject: older user flows of Azure AD B2C. */
const EVERYBODY = /^\s*not supported currently\b/i;

const USE_OID =
  "Older user flows of Azure AD B2C write this for everybody; name people by their object id: claims: { subject: 'oid' }.";

/**
 * Refuses a subject that is the same text for everybody, because all people would be one.
 * @throws InvalidTokenError `claim_invalid`
 */
export function assertNamesSomebody(subject: string | undefined): void {
  if (subject !== undefined && EVERYBODY.test(subject))
    throw invalidClaim('sub', 'is a sentence that is written for everybody', { hint: USE_OID });
}

/** What the kind of a subject is decided by. */
export interface SubjectFacts extends IssuedClaims {
  /** The subject by the mapping; `undefined` or empty where the token names nobody. */
  readonly subject?: string | undefined;
  /** The e-mail by the mapping. */
  readonly email?: string | undefined;
}

const NAMELESS =
  'The token speaks of a person and does not say who it is; have the provider write sub (in Keycloak by the client scope "basic"), or map the claim that names people as claims.subject.';

function automatically(facts: SubjectFacts): SubjectKind {
  if (isProgram(facts)) return 'client';
  const { subject = '', email, claims } = facts;
  if (subject !== '' || email !== undefined || speaksOfPerson(claims)) return 'user';
  return (claims.sub ?? '') === '' ? 'client' : 'user';
}

/**
 * Decides whether a token speaks for a person or for a program.
 * @throws InvalidTokenError `claim_missing` if it is a person's and does not say whose, `claim_invalid` if its subject is
 * everybody's; ServiceUnavailableError `check_failed` where a function of the application's fails.
 */
export function subjectKind(rule: SubjectRule, facts: SubjectFacts): SubjectKind {
  assertNamesSomebody(facts.subject);
  const kind = typeof rule === 'function' ? rule(facts.claims) : rule === 'auto' ? automatically(facts) : rule;
  if (kind === 'user' && (facts.subject ?? '') === '') throw missingClaim('sub', { hint: NAMELESS });
  return kind;
}
