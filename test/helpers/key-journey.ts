import { createServer, type RequestListener } from 'node:http';
import { type AuthEvent, type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { type TestIssuer, type TestIssuerOptions, testIssuer } from '../../lib/testing/index.js';
import { afterThisTest } from './after-this-test.js';
import type { Loose } from './loose.js';
import { getFrom } from './requests.js';
import { app } from './servers.js';

/** Starts an issuer that ends with the test. */
export async function issuerForTest(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const issuer = await testIssuer(options);
  afterThisTest(() => issuer.close());
  return issuer;
}

/** Answer as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly retryAfter?: string;
}

export interface Api {
  readonly method: ReturnType<typeof oidcBearer>;
  readonly listener: RequestListener;
  readonly events: AuthEvent[];
  get(token: string): Promise<Answer>;
  /** Events about keys, by type. */
  told<Type extends AuthEvent['type']>(type: Type): Extract<AuthEvent, { type: Type }>[];
}

/** An application behind `oidcBearer` that trusts the issuer and shows precise codes. */
export function apiTrusting(issuer: TestIssuer, options: Loose<OidcBearerOptions> = {}): Api {
  const events: AuthEvent[] = [];
  const trust = options.issuers === undefined ? { issuer: issuer.url, audience: issuer.audience } : {};
  const onEvent = (event: AuthEvent) => void events.push(event);
  const method = oidcBearer({ ...trust, exposeReason: true, onEvent, ...options } as OidcBearerOptions);
  afterThisTest(() => method.close());
  const listener = app(method);
  return {
    method,
    listener,
    events,
    async get(token) {
      const { status, body, headers } = await getFrom(listener, { Authorization: `Bearer ${token}` });
      const retryAfter = headers['retry-after'];
      return {
        status,
        ...(status === 200 ? {} : { code: body.code }),
        ...(typeof retryAfter === 'string' ? { retryAfter } : {}),
      };
    },
    told: (type) => events.filter((event): event is Extract<AuthEvent, { type: typeof type }> => event.type === type),
  };
}

export const GOOD: Answer = { status: 200 };

/** Sends many requests at once, and counts the answers by status. */
export async function getAllAtOnce(
  listener: RequestListener,
  tokens: readonly string[],
): Promise<Record<number, number>> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  const statuses: Record<number, number> = {};
  await Promise.all(
    tokens.map(async (token) => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    }),
  );
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  return statuses;
}
