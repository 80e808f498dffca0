import { STATUS_CODES } from 'node:http';
import { type AuthError, InvalidTokenError } from '../../errors/auth-error.js';
import { formatChallenge } from '../../errors/challenge.js';
import type { Respond } from '../../errors/responder.js';
import { answerAsKong } from './kong-refusal.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';

/** Kong's words and challenges; an outage on our side is a 503 where Kong says 401. */
export function oidcRespond({ unauthorizedMessage, forbiddenMessage }: OidcPluginConfig): Respond {
  const messageOf = ({ status }: AuthError) =>
    status === 401 ? unauthorizedMessage : status === 403 ? forbiddenMessage : STATUS_CODES[status];
  return (error, _req, res) => {
    const params = { error: error instanceof InvalidTokenError ? 'invalid_token' : undefined };
    const challenge =
      error.status === 401 ? { 'WWW-Authenticate': formatChallenge({ scheme: 'Bearer', params }) } : error.headers;
    answerAsKong(res, error.status, challenge, { message: messageOf(error) });
  };
}
