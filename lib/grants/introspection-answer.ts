import type { JWTPayload } from 'jose';
import type { BoundedAnswer } from '../http/bounded-request.js';
import { type CompactToken, readCompactToken, type TokenClaims } from '../tokens/compact-token.js';
import { memberOf, WrittenNumbers } from '../tokens/exact-numbers.js';
import { isPlainRecord, readStrictJson, type StrictJson } from '../tokens/strict-json.js';
import { withoutText } from '../tokens/without-text.js';

/** Answer of an introspection endpoint for an active token (RFC 7662 section 2.2). */
export interface ActiveToken<Derived = unknown> extends TokenClaims {
  /**
   * Claims of the token. `iss` is always present: the configured issuer, unless the answer names one. All other values
   * are unchecked, as in the payload of a JWT.
   */
  readonly claims: JWTPayload;
  /** The claims as a text that {@link activeTokenIn} reads. It never contains the token itself. */
  readonly text: string;
  /** Estimated memory of the claims in bytes. */
  readonly heldBytes: number;
  /** What the asking method works out of the answer alone; kept for as long as the answer is. */
  derived?: Derived;
}

/** Settings by which an introspection answer is checked. */
export interface AnswerRules {
  /** Names of the issuer; answers that name none are taken for those of the first. */
  readonly issuers: readonly [string, ...string[]];
  readonly clientId: string;
  /** Whether an answer that is not signed is refused (RFC 9701). */
  readonly signed: boolean;
  /** Seconds by which clocks may differ. */
  readonly clockTolerance: number;
  /** Verifies that the issuer signed an answer. */
  verify(answer: CompactToken): Promise<void>;
}

/** A token whose introspection was requested. */
export interface AskedToken {
  readonly token: string;
  /** Time of the request in seconds since the epoch. */
  readonly at: number;
}

interface ReadAnswer {
  readonly members: Record<string, unknown>;
  readonly numbers: WrittenNumbers;
  readonly text: string;
  readonly heldBytes: number;
}

const SIGNED_TYPE = 'token-introspection+jwt';
/** Prefix of the text of a signed answer, which holds the claims of the token in one member. */
const SIGNED = 'signed:';
/** Largest signed answer; the limit for every document of a provider. */
const MAX_BYTES = 262_144;

function parsed(bytes: Buffer): { members: Record<string, unknown>; heldBytes: number } {
  let json: StrictJson;
  try {
    json = readStrictJson(bytes);
  } catch {
    // The parser's own message quotes the answer.
    throw new Error('the answer is not JSON that can be relied on');
  }
  if (!isPlainRecord(json.value)) throw new Error('the answer is not a JSON object');
  return { members: json.value, heldBytes: json.heldBytes };
}

type SignedClaims = Pick<CompactToken, 'claims' | 'numbers' | 'heldBytes'>;

/** Member of a signed answer that describes the token. */
const MEMBER = 'token_introspection';

function introspected({ claims, numbers, heldBytes }: SignedClaims, text: string): ReadAnswer {
  const members = memberOf(claims, MEMBER);
  if (!isPlainRecord(members)) throw new Error('the signed answer says nothing of a token');
  return { members, numbers: numbers.derived((value) => memberOf(value, MEMBER)), text: SIGNED + text, heldBytes };
}

/**
 * Checks type, issuer, audience and time of a signed answer (RFC 9701 section 5). The answer does not name its token,
 * so an answer that is older than the request is refused: it could be about another token.
 */
function assertMeantForUs({ header, claims }: CompactToken, { at }: AskedToken, rules: AnswerRules): void {
  const now = Date.now() / 1000;
  if (header.typ?.toLowerCase().replace(/^application\//, '') !== SIGNED_TYPE)
    throw new Error('the signed answer is not typed as one');
  if (!rules.issuers.some((issuer) => issuer === claims.iss)) throw new Error('the signed answer is another issuer’s');
  if (![claims.aud].flat().includes(rules.clientId)) throw new Error('the signed answer is for somebody else');
  const { iat } = claims as Readonly<Record<string, unknown>>;
  const isFresh = typeof iat === 'number' && iat > at - 1 - rules.clockTolerance && iat <= now + rules.clockTolerance;
  if (!isFresh) throw new Error('the signed answer is not of now');
}

async function verified(body: Buffer, asked: AskedToken, rules: AnswerRules): Promise<ReadAnswer> {
  const answer = readCompactToken(body.toString('latin1').trim(), { maxBytes: MAX_BYTES });
  await rules.verify(answer);
  assertMeantForUs(answer, asked, rules);
  return introspected(answer, answer.payload.toString('utf8'));
}

async function read({ headers, body }: BoundedAnswer, asked: AskedToken, rules: AnswerRules): Promise<ReadAnswer> {
  const type = headers['content-type']?.replace(/;.*$/s, '').trim().toLowerCase();
  if (type === `application/${SIGNED_TYPE}`) return verified(body, asked, rules);
  if (type !== 'application/json') throw new Error('the answer is of another content type');
  if (rules.signed) throw new Error('the answer is not signed');
  const text = body.toString('utf8');
  return { ...parsed(body), numbers: new WrittenNumbers(text), text };
}

function asActive<Derived>({ members, numbers, text, heldBytes }: ReadAnswer, issuer: string): ActiveToken<Derived> {
  // Members that are null count as absent, because serialisers write missing values so.
  const claims = Object.fromEntries(
    Object.entries(members).filter(([name, value]) => name !== 'active' && value !== null),
  );
  // Cast: a payload is an object with unchecked members; the claim rules check their types.
  return { claims: { iss: issuer, ...claims } as JWTPayload, numbers, text, heldBytes };
}

/** Leaves the token itself out of an answer: some endpoints repeat it, as `jti` for example. */
function withoutToken(answer: ReadAnswer, token: string): ReadAnswer {
  const members = withoutText(answer.members, token);
  if (members === answer.members || !isPlainRecord(members)) return answer;
  const numbers = answer.numbers.derived((value) => withoutText(value, token));
  return { members, numbers, text: numbers.stringify(members), heldBytes: answer.heldBytes };
}

/**
 * Reads the answer of an introspection endpoint. Resolves to `undefined` when the token is not active.
 * @throws {Error} when the answer is invalid, with a message that quotes nothing of it; or whatever `verify` throws.
 */
export async function readIntrospection<Derived>(
  answer: BoundedAnswer,
  asked: AskedToken,
  rules: AnswerRules,
): Promise<ActiveToken<Derived> | undefined> {
  const found = await read(answer, asked, rules);
  const { active } = found.members;
  if (typeof active !== 'boolean') throw new Error('the answer does not say whether the token is active');
  return active ? asActive(withoutToken(found, asked.token), rules.issuers[0]) : undefined;
}

/** Reads the text of an {@link ActiveToken}; `undefined` if it is none. */
export function activeTokenIn<Derived>(text: string, issuer: string): ActiveToken<Derived> | undefined {
  const isSigned = text.startsWith(SIGNED);
  const json = isSigned ? text.slice(SIGNED.length) : text;
  const { members, heldBytes } = parsed(Buffer.from(json));
  const numbers = new WrittenNumbers(json);
  const found = isSigned
    ? introspected({ claims: members, numbers, heldBytes }, json)
    : { members, numbers, text, heldBytes };
  return found.members.active === true ? asActive(found, issuer) : undefined;
}
