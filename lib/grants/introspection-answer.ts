import type { JWTPayload } from 'jose';
import type { BoundedAnswer } from '../http/bounded-request.js';
import { type CompactToken, readCompactToken } from '../tokens/compact-token.js';
import { isPlainRecord } from '../tokens/jose-header.js';
import { parseStrictJson } from '../tokens/strict-json.js';
import { withoutText } from '../tokens/without-text.js';

/** What an introspection endpoint says of a token that is active (RFC 7662 section 2.2). */
export interface ActiveToken {
  /** With an `iss` in any case: the endpoint speaks for one issuer. Its values are as unchecked as a JWT's. */
  readonly claims: JWTPayload;
  /** The same as a text, which {@link activeTokenIn} reads. The token itself stands nowhere in it. */
  readonly text: string;
}

/** What an answer must be like. */
export interface AnswerRules {
  readonly issuer: string;
  readonly clientId: string;
  /** Whether nothing but a signed answer counts (RFC 9701). */
  readonly signed: boolean;
  /** Seconds by which clocks may differ. */
  readonly clockTolerance: number;
  /** Checks that the issuer signed this. */
  verify(answer: CompactToken): Promise<void>;
}

/** The question that was answered. */
export interface AskedToken {
  readonly token: string;
  /** In seconds since the epoch. */
  readonly at: number;
}

interface Said {
  readonly members: Record<string, unknown>;
  readonly text: string;
}

const SIGNED_TYPE = 'token-introspection+jwt';
/** Tells the text of a signed answer, in which what it says of the token is one member. */
const SIGNED = 'signed:';
/** As for every other document of a provider. */
const MAX_BYTES = 262_144;

function parsed(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch {
    // The parser's own message quotes the answer.
    throw new Error('the answer is not JSON that can be relied on');
  }
  if (!isPlainRecord(value)) throw new Error('the answer is not a JSON object');
  return value;
}

function introspected(payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { token_introspection: members } = payload;
  if (!isPlainRecord(members)) throw new Error('the signed answer says nothing of a token');
  return members;
}

/**
 * RFC 9701 section 5. The answer does not name the token that it is about, so one that is older than the question is
 * taken for the answer to another one.
 */
function assertMeantForUs({ header, claims }: CompactToken, { at }: AskedToken, rules: AnswerRules): void {
  const now = Date.now() / 1000;
  if (header.typ?.toLowerCase().replace(/^application\//, '') !== SIGNED_TYPE)
    throw new Error('the signed answer is not typed as one');
  if (claims.iss !== rules.issuer) throw new Error('the signed answer is another issuer’s');
  if (![claims.aud].flat().includes(rules.clientId)) throw new Error('the signed answer is for somebody else');
  const { iat } = claims as Readonly<Record<string, unknown>>;
  const isFresh = typeof iat === 'number' && iat > at - 1 - rules.clockTolerance && iat <= now + rules.clockTolerance;
  if (!isFresh) throw new Error('the signed answer is not of now');
}

async function verified(body: Buffer, asked: AskedToken, rules: AnswerRules): Promise<Said> {
  const answer = readCompactToken(body.toString('latin1').trim(), { maxBytes: MAX_BYTES });
  await rules.verify(answer);
  assertMeantForUs(answer, asked, rules);
  return { members: introspected(answer.claims), text: SIGNED + answer.payload.toString('utf8') };
}

async function said({ headers, body }: BoundedAnswer, asked: AskedToken, rules: AnswerRules): Promise<Said> {
  const type = headers['content-type']?.replace(/;.*$/s, '').trim().toLowerCase();
  if (type === `application/${SIGNED_TYPE}`) return verified(body, asked, rules);
  if (type !== 'application/json') throw new Error('the answer is of another content type');
  if (rules.signed) throw new Error('the answer is not signed');
  return { members: parsed(body), text: body.toString('utf8') };
}

/** Changed in place, because numbers that a double cannot hold are known by the object that they stand in. */
function asActive(members: Record<string, unknown>, text: string, issuer: string): ActiveToken {
  delete members.active;
  if (members.iss === undefined) members.iss = issuer;
  // An object with string members is what a payload is; the claim rules type it.
  return { claims: members as JWTPayload, text };
}

/**
 * Reads the answer of an introspection endpoint; `undefined`: the token is not active.
 * @throws Error whose message says what is wrong with the answer and quotes nothing of it, or what `verify` throws.
 */
export async function readIntrospection(
  answer: BoundedAnswer,
  asked: AskedToken,
  rules: AnswerRules,
): Promise<ActiveToken | undefined> {
  const { members, text } = await said(answer, asked, rules);
  if (typeof members.active !== 'boolean') throw new Error('the answer does not say whether the token is active');
  if (!members.active) return undefined;
  // Some endpoints repeat the token, as `jti` for example.
  const kept = withoutText(members, asked.token) as Record<string, unknown>;
  return asActive(kept, kept === members ? text : JSON.stringify(kept), rules.issuer);
}

/** Reads the text of an {@link ActiveToken}; `undefined` if it is none. */
export function activeTokenIn(text: string, issuer: string): ActiveToken | undefined {
  const isSigned = text.startsWith(SIGNED);
  const value = parsed(Buffer.from(isSigned ? text.slice(SIGNED.length) : text));
  const members = isSigned ? introspected(value) : value;
  return members.active === true ? asActive(members, text, issuer) : undefined;
}
