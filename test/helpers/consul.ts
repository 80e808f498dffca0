import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Algorithm, type AuthMethod, jwtAuth } from '../../lib/index.js';
import { fromConsul } from '../../lib/migrate/index.js';
import { type Answer, pemOf } from './oidc-door.js';
import { getFrom } from './requests.js';
import { app } from './servers.js';
import { signed } from './signing.js';
import { inSeconds } from './tokens.js';

const corp = generateKeyPairSync('rsa', { modulusLength: 2048 });
/** The key that signs for `corp-issuer` in these tests. */
export const CORP_KEY = corp.privateKey;
export const CORP_PEM = pemOf(corp.publicKey);

/** An auth method with a key of its own, as `consul acl auth-method read -format=json` shows it. */
export function authMethod(
  config: Record<string, unknown> = {},
  envelope: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    Name: 'corp',
    Type: 'jwt',
    Config: { JWTValidationPubKeys: [CORP_PEM], BoundIssuer: 'corp-issuer', ...config },
    ...envelope,
  };
}

/** Makes the claims of a valid token without an audience; `undefined` removes one. */
export function corpClaims(claims: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: 'corp-issuer', sub: 'ann', iat: inSeconds(0), exp: inSeconds(300), ...claims };
}

export function corpToken(
  claims: Record<string, unknown> = {},
  {
    key = CORP_KEY,
    algorithm = 'RS256',
    header = {},
  }: { key?: KeyObject; algorithm?: Algorithm; header?: object } = {},
): string {
  return signed(algorithm, key, corpClaims(claims), header);
}

/** Presents a token over HTTP to methods behind `jwtAuth`, which shows the precise code. */
export async function presentTo(methods: readonly AuthMethod[], token: string): Promise<Answer> {
  const { status, body } = await getFrom(app(jwtAuth({ methods, exposeReason: true })), {
    Authorization: `Bearer ${token}`,
  });
  return { status, principal: body.principal, ...(status === 200 ? {} : { code: body.code }) };
}

export async function presentToConsul(config: unknown, token: string): Promise<Answer> {
  const { methods } = await fromConsul(config);
  return presentTo(methods, token);
}

/** Presents a token and returns `200`, or status and code of the refusal. */
export async function consulVerdict(config: unknown, token: string): Promise<200 | string> {
  const { status, code } = await presentToConsul(config, token);
  return status === 200 ? 200 : `${status} ${code}`;
}

/** Returns the reason why a configuration is refused; `undefined` if it loads. */
export async function consulRefusal(config: unknown): Promise<string | undefined> {
  try {
    await fromConsul(config);
    return undefined;
  } catch (error) {
    return error instanceof Error && error.name === 'ConfigurationError' ? error.message : `not ours: ${error}`;
  }
}
