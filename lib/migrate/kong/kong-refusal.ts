import { type ServerResponse, STATUS_CODES } from 'node:http';
import { type AuthError, InvalidTokenError } from '../../errors/auth-error.js';
import { formatChallenge } from '../../errors/challenge.js';
import type { TokenErrorCode } from '../../errors/error-codes.js';
import type { Respond } from '../../errors/responder.js';

/** Refusal of a token with Kong's body. Inside `jwtAuth` it is answered like any bad token. */
export class KongRefusal extends InvalidTokenError {
  override readonly name: string = 'InvalidTokenError';
  /** Body of Kong's answer: a `message`, or one text for each claim that failed. */
  readonly body: Readonly<Record<string, string>>;

  constructor(code: TokenErrorCode, said: string | Readonly<Record<string, string>>) {
    super(code);
    this.body = typeof said === 'string' ? { message: said } : said;
  }
}

/** Message of Kong's `acl` plugin where a group is missing. */
export const ACL_MESSAGE = 'You cannot consume this service';

/** Makes the body for everything that is not a bad token: a guard's refusal, an outage. */
function plainBody({ code, status }: AuthError): Record<string, string | undefined> {
  return { message: code === 'insufficient_group' ? ACL_MESSAGE : STATUS_CODES[status] };
}

/** Sends an answer with a JSON body as Kong does. */
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
 * Makes a `respond` that answers as Kong does: JSON with a `message`, and a challenge that names the realm only where
 * one is configured. An outage on this side is 503 where Kong says 500.
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

/** Makes a `respond` that answers as Kong's `key-auth` plugin does, whose scheme is `Key`. */
export function keyAuthRespond(realm: string | undefined): Respond {
  const challenge = { 'WWW-Authenticate': formatChallenge({ scheme: 'Key', params: { realm } }) };
  const missing = { message: 'No API key found in request' };
  return (error, _req, res) => {
    const headers = error.status === 401 ? challenge : error.headers;
    const body = error.code === 'credentials_missing' ? missing : plainBody(error);
    answerAsKong(res, error.status, headers, error instanceof KongRefusal ? error.body : body);
  };
}
