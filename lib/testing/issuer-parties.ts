import type { IncomingMessage } from 'node:http';
import type { TokenClaims } from './mint-token.js';

/** Client of a test issuer. */
export interface TestClient {
  /** Client id. */
  readonly id: string;
  /** Client secret. */
  readonly secret: string;
  /**
   * Further claims of tokens of the grant `client_credentials`.
   * @default {}
   */
  readonly claims?: TokenClaims;
}

/** User of a test issuer, with a password. */
export interface TestUser {
  /** Username at the sign-in form. */
  readonly username: string;
  /** Password at the sign-in form. */
  readonly password: string;
  /**
   * Further claims of tokens of the grant `password`.
   * @default {}
   */
  readonly claims?: TokenClaims;
}

const MAX_FORM_BYTES = 65_536;

/** Reads a form. Resolves to `undefined` when it is too long, or has a parameter twice (RFC 6749 section 3.2). */
export async function readForm(req: IncomingMessage): Promise<ReadonlyMap<string, string> | undefined> {
  let text = '';
  for await (const chunk of req) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) return undefined;
  }
  const pairs = [...new URLSearchParams(text)];
  const form = new Map(pairs);
  return form.size === pairs.length ? form : undefined;
}

/** Reads id and secret in `Authorization: Basic`; both are form-encoded (RFC 6749 section 2.3.1). */
function basicCredentials(authorization: string): [id: string, secret: string] | undefined {
  const [, encoded] = /^basic ([a-z0-9+/]+=*)$/i.exec(authorization) ?? [];
  const [, ...halves] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  const [id = '', secret = ''] = halves.map((half) => new URLSearchParams(`v=${half}`).get('v') ?? '');
  return id === '' ? undefined : [id, secret];
}

/** Authenticates a client by `client_secret_basic` or `client_secret_post`. Returns `undefined` when it fails. */
export function authenticatedClient(
  req: IncomingMessage,
  form: ReadonlyMap<string, string>,
  clients: readonly TestClient[],
): TestClient | undefined {
  const { authorization } = req.headers;
  const [id, secret] =
    authorization === undefined
      ? [form.get('client_id'), form.get('client_secret')]
      : (basicCredentials(authorization) ?? []);
  return clients.find((client) => client.id === id && client.secret === secret);
}
