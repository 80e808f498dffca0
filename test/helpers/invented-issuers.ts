import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AuthMethod, type IssuerOptions, oidcBearer } from '../../lib/index.js';
import { ask, inventedToken } from './asking.js';

/** The issuers that the process trusts, and whether a resolver names them. */
export interface FloodedTrust {
  readonly issuer: string;
  readonly audience: string;
  readonly resolved: boolean;
}

/** Result of 20,000 tokens of invented issuers. */
export interface FloodReport {
  readonly codes: readonly string[];
  /** Growth of the heap in bytes during the second half. */
  readonly growth: number;
}

/** Result of one token. */
export interface TokenReport {
  readonly code: string;
  /** Number of requests to the resolver about invented issuers, and about the real one. */
  readonly inventedAsked: number;
  readonly tenantAsked: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Returns the bytes in use after garbage collection. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Makes an issuer so long that keeping 10,000 of them would show. */
const inventedIssuer = (index: number) => `https://${index}.example.com/${'x'.repeat(1500)}`;

async function flood(method: AuthMethod): Promise<FloodReport> {
  const codes = new Set<string>();
  const sendInvented = async (from: number) => {
    for (let index = from; index < from + 10_000; index += 1)
      codes.add(await ask(method, inventedToken({ url: inventedIssuer(index), audience: 'test-api' }, 'k')));
  };
  await sendInvented(0);
  const before = heapInUse();
  await sendInvented(10_000);
  return { growth: heapInUse() - before, codes: [...codes] };
}

process.once('message', ({ issuer, audience, resolved }: FloodedTrust) => {
  let [inventedAsked, tenantAsked] = [0, 0];
  const issuers = (iss: string): IssuerOptions | undefined => {
    if (iss === issuer) tenantAsked += 1;
    else inventedAsked += 1;
    return iss === issuer ? { issuer, audience } : undefined;
  };
  const method = oidcBearer(resolved ? { issuers } : { issuer, audience });
  process.on('message', async (order: 'flood' | { token: string }) => {
    if (order === 'flood') process.send?.(await flood(method));
    else process.send?.({ code: await ask(method, order.token), inventedAsked, tenantAsked });
  });
});
process.once('disconnect', () => process.exit());
