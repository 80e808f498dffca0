import type { IncomingMessage } from 'node:http';
import type { JWTPayload } from 'jose';
import { type Answer, jsonAnswer } from './issuer-faults.js';
import { authenticatedClient, readForm, type TestClient, type TestUser } from './issuer-parties.js';
import type { TokenClaims } from './mint-token.js';

/** The part of an issuer that its endpoints use. */
export interface EndpointContext {
  readonly clients: readonly TestClient[];
  readonly users: readonly TestUser[];
  mint(claims: TokenClaims): Promise<string>;
  /** Reads the claims of a token of this issuer. Resolves to `undefined` when it is expired, revoked or another's. */
  claimsOf(token: string): Promise<JWTPayload | undefined>;
}

const EXPIRES_IN = 300;

/** Builds an error answer (RFC 6749 section 5.2). */
function oauthError(error: string, status = 400): Answer {
  const headers = status === 401 ? { 'www-authenticate': 'Basic realm="test issuer"' } : {};
  return jsonAnswer({ error }, { status, headers: { 'cache-control': 'no-store', ...headers } });
}

/** Builds the claims that a grant gives, or the answer that refuses it. */
function grantedClaims(
  form: ReadonlyMap<string, string>,
  client: TestClient,
  users: readonly TestUser[],
): TokenClaims | Answer {
  const scope = form.get('scope');
  const common = { client_id: client.id, ...(scope === undefined ? {} : { scope }) };
  switch (form.get('grant_type')) {
    case undefined:
      return oauthError('invalid_request');
    case 'client_credentials':
      return { sub: client.id, ...common, ...client.claims };
    case 'password': {
      const user = users.find(
        ({ username, password }) => username === form.get('username') && password === form.get('password'),
      );
      if (user === undefined) return oauthError('invalid_grant');
      return { sub: user.username, preferred_username: user.username, ...common, ...user.claims };
    }
    default:
      return oauthError('unsupported_grant_type');
  }
}

const isAnswer = (granted: TokenClaims | Answer): granted is Answer => 'headers' in granted && 'body' in granted;

/** Answers token requests with the grants `password` and `client_credentials` (RFC 6749 sections 4.3 and 4.4). */
export async function answerToken(req: IncomingMessage, { clients, users, mint }: EndpointContext): Promise<Answer> {
  const form = await readForm(req);
  if (req.method !== 'POST' || form === undefined) return oauthError('invalid_request');
  const client = authenticatedClient(req, form, clients);
  if (client === undefined) return oauthError('invalid_client', 401);
  const granted = grantedClaims(form, client, users);
  if (isAnswer(granted)) return granted;
  const scope = form.get('scope');
  const token = { access_token: await mint(granted), token_type: 'Bearer', expires_in: EXPIRES_IN };
  const headers = { 'cache-control': 'no-store' };
  return jsonAnswer({ ...token, ...(scope === undefined ? {} : { scope }) }, { headers });
}

/** Answers introspection requests of authenticated clients (RFC 7662). */
export async function answerIntrospection(
  req: IncomingMessage,
  { clients, claimsOf }: EndpointContext,
): Promise<Answer> {
  const form = await readForm(req);
  const token = form?.get('token');
  if (req.method !== 'POST' || form === undefined || token === undefined) return oauthError('invalid_request');
  if (authenticatedClient(req, form, clients) === undefined) return oauthError('invalid_client', 401);
  const claims = await claimsOf(token);
  return jsonAnswer(claims === undefined ? { active: false } : { active: true, token_type: 'Bearer', ...claims });
}
