import { type ServerResponse, STATUS_CODES } from 'node:http';
import { type AuthError, InvalidTokenError } from '../../errors/auth-error.js';
import { formatChallenge } from '../../errors/challenge.js';
import type { TokenErrorCode } from '../../errors/error-codes.js';
import type { Respond } from '../../errors/responder.js';

/** A bad token in Kong's words. Inside `jwtAuth` it is a bad token like any other. */
export class KongRefusal extends InvalidTokenError {
  override readonly name: string = 'InvalidTokenError';
  /** What Kong answers: a `message`, or one text per claim that failed. */
  readonly body: Readonly<Record<string, string>>;

  constructor(code: TokenErrorCode, said: string | Readonly<Record<string, string>>) {
    super(code);
    this.body = typeof said === 'string' ? { message: said } : said;
  }
}

/** The body of everything that is not a bad token: a guard's refusal, an outage. */
function plainBody({ code, status }: AuthError): Record<string, string | undefined> {
  // A missing group is what Kong's `acl` plugin refuses.
  return { message: code === 'insufficient_group' ? 'You cannot consume this service' : STATUS_CODES[status] };
}

/** Sends JSON as Kong does. */
export function answerAsKong(
  res: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  said: Readonly<Record<string, string | undefined>>,
): void {
  const body = JSON.stringify(said);
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/**
 * Answers as Kong does: JSON with a `message`, and a challenge that names the realm only where one is configured.
 * An outage on our side is a 503 where Kong says 500.
 */
export function kongRespond(realm: string | undefined): Respond {
  const missing = formatChallenge({ scheme: 'Bearer', params: { realm } });
  const invalid = formatChallenge({ scheme: 'Bearer', params: { realm, error: 'invalid_token' } });

  function headersOf(error: AuthError): Record<string, string> {
    if (error instanceof KongRefusal) return { 'WWW-Authenticate': invalid };
    return error.code === 'credentials_missing' ? { 'WWW-Authenticate': missing } : error.headers;
  }

  return (error, _req, res) => {
    answerAsKong(res, error.status, headersOf(error), error instanceof KongRefusal ? error.body : plainBody(error));
  };
}
