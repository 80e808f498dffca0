import { jwtAuth, type Principal } from '../../lib/index.js';
import { type FromZitadelOptions, fromZitadel } from '../../lib/migrate/index.js';
import type { TestIssuer } from '../../lib/testing/index.js';
import { getFrom } from './requests.js';
import { app } from './servers.js';

/** The header of these tests, as ZITADEL's documentation names it. */
export const ZITADEL_HEADER = 'x-auth-token';

/** A request of `AddJWTProvider` for a WAF that signs as this issuer does. */
export function jwtProvider(issuer: TestIssuer, settings: object = {}): Record<string, unknown> {
  return {
    name: 'old portal',
    issuer: issuer.url,
    jwtEndpoint: 'https://portal.example.com/jwt',
    keysEndpoint: `${issuer.url}/jwks`,
    headerName: ZITADEL_HEADER,
    ...settings,
  };
}

/** Answer as a client sees it. */
export interface ZitadelAnswer {
  readonly status: number;
  readonly code?: string;
  readonly principal?: Principal;
}

/** Presents the value of a header to the method of a configuration, over HTTP. */
export async function presentToZitadel(
  config: unknown,
  value: string,
  { header = ZITADEL_HEADER, ...options }: FromZitadelOptions & { header?: string } = {},
): Promise<ZitadelAnswer> {
  const { methods } = await fromZitadel(config, options);
  const { status, body } = await getFrom(app(jwtAuth({ methods, exposeReason: true })), { [header]: value });
  return { status, ...(status === 200 ? { principal: body.principal } : { code: body.code }) };
}

/** Presents a token and returns `200`, or status and code of the refusal. */
export const zitadelVerdict = async (...asked: Parameters<typeof presentToZitadel>): Promise<200 | string> => {
  const { status, code } = await presentToZitadel(...asked);
  return status === 200 ? 200 : `${status} ${code}`;
};

/** Returns the option that is wrong, and why; `undefined` if the configuration loads. */
export async function zitadelRefusal(config: unknown, options: object = {}): Promise<string | undefined> {
  try {
    await fromZitadel(config, options);
    return undefined;
  } catch (error) {
    return error instanceof Error && error.name === 'ConfigurationError' ? error.message : `not ours: ${error}`;
  }
}
