import type { JWTPayload } from 'jose';
import { applicationFault, synchronousCode } from '../errors/application-code.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { invalidClaim, missingClaim } from '../errors/token-refusals.js';
import type { ReadableClaims } from '../tokens/readable-claims.js';
import { type IssuedClaims, isProgram, speaksOfPerson } from './program-marks.js';

/** Kind of a verified identity: a person (`user`) or a program (`client`). */
export type SubjectKind = 'user' | 'client';

/** Function that tells whether the claims of a token stand for a person or a program. */
export type SubjectKindOf = (claims: ReadableClaims) => SubjectKind;

/** Value of the option `subjects`: whether tokens stand for persons or programs. */
export type Subjects = 'auto' | SubjectKind | SubjectKindOf;

/** Resolved {@link Subjects}. */
export type SubjectRule = 'auto' | SubjectKind | SubjectKindOf;

const EXPECTED = 'expects "auto", "user", "client" or a function (claims) => "user" | "client"';

const isKind = (value: unknown): value is SubjectKind => value === 'user' || value === 'client';

/**
 * Resolves {@link Subjects}.
 * @throws {ConfigurationError} when the value is wrong.
 */
export function resolveSubjects(option: string, subjects: unknown = 'auto'): SubjectRule {
  if (subjects === 'auto' || isKind(subjects)) return subjects;
  if (typeof subjects !== 'function') throw new ConfigurationError(option, EXPECTED);
  // Cast: the option has this type, and the answer is checked below.
  const ask = synchronousCode(option, subjects as (claims: JWTPayload) => unknown);
  return (claims) => {
    const kind = ask(claims);
    if (isKind(kind)) return kind;
    throw applicationFault(option, subjects, new TypeError('the function answered neither "user" nor "client"'));
  };
}

/** Matches a sentence that one product writes as every subject: older user flows of Azure AD B2C. */
const EVERYBODY = /^\s*not supported currently\b/i;

const USE_OID =
  "Older user flows of Azure AD B2C write this for everybody; name people by their object id: claims: { subject: 'oid' }.";

/**
 * Refuses a subject that is one text for everybody, because all people would become one.
 * @throws {InvalidTokenError} `claim_invalid`.
 */
function assertNamesSomebody(subject: string | undefined): void {
  if (subject !== undefined && EVERYBODY.test(subject))
    throw invalidClaim('sub', 'is a sentence that is written for everybody', { hint: USE_OID });
}

/** Facts by which the kind of a subject is decided. */
export interface SubjectFacts extends IssuedClaims {
  /** Mapped subject; `undefined` or empty where the token names none. */
  readonly subject?: string | undefined;
  /** Mapped e-mail address. */
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
 * Decides whether a token stands for a person or a program.
 * @throws {InvalidTokenError} `claim_missing` when a person's token has no subject, `claim_invalid` when its subject is
 * everybody's.
 * @throws {ServiceUnavailableError} `check_failed` when a function of the application throws.
 */
export function subjectKind(rule: SubjectRule, facts: SubjectFacts): SubjectKind {
  assertNamesSomebody(facts.subject);
  const kind = typeof rule === 'function' ? rule(facts.claims) : rule === 'auto' ? automatically(facts) : rule;
  if (kind === 'user' && (facts.subject ?? '') === '') throw missingClaim('sub', { hint: NAMELESS });
  return kind;
}
