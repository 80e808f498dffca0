import type { JWTPayload } from 'jose';
import type { AuthMethod, KeySource, Principal, StaticKeysOptions } from '../../lib/index.js';
import { AuthError, staticKeys } from '../../lib/index.js';
import type { AuthRequest } from '../../lib/tokens/request.js';

/** A request with a token, for `authenticate`. */
export const carrying = (token: string) =>
  ({ headers: { authorization: `Bearer ${token}` }, rawHeaders: [] }) as unknown as AuthRequest;

/** Everything an application is told about a request: the principal as it would be written, or the refusal's code. */
export async function outcome(method: AuthMethod, token: string): Promise<object | string> {
  try {
    const principal: Principal | undefined = await method.authenticate(carrying(token));
    return principal === undefined ? 'nobody' : (JSON.parse(JSON.stringify(principal)) as object);
  } catch (thrown) {
    if (thrown instanceof AuthError) return thrown.code;
    throw thrown;
  }
}

/** In brief: `welcome`, or the code of the refusal. */
export async function answer(method: AuthMethod, token: string): Promise<string> {
  const told = await outcome(method, token);
  return typeof told === 'string' ? told : 'welcome';
}

/** Twice, because a token that comes only once is not worth remembering. */
export async function welcomeTwice(method: AuthMethod, token: string): Promise<void> {
  for (const time of ['first', 'second']) {
    const told = await answer(method, token);
    if (told !== 'welcome') throw new Error(`${told} at the ${time} request`);
  }
}

/**
 * Tells from outside what was remembered: what claims mean follows from the token alone, so a claim path is asked
 * about a token that is new to a method, and not about one that it still knows.
 */
export function countingClaims() {
  let asked = 0;
  const username = ({ sub }: Readonly<JWTPayload>) => {
    asked += 1;
    return sub;
  };
  /** How many of the tokens that `present` presents were worked out, as opposed to remembered. */
  const workedOut = async (present: () => Promise<unknown>): Promise<number> => {
    const before = asked;
    await present();
    return asked - before;
  };
  return { claims: { username }, workedOut };
}

/** Keys that a test changes as an issuer would, without the network; `atOnce`: they can say so without being waited for. */
export function changingKeys(publicKeys: StaticKeysOptions['publicKeys'], { atOnce }: { atOnce: boolean }) {
  let current = staticKeys({ publicKeys });
  const keys: KeySource = {
    source: 'changing',
    find: (header) => current.find(header),
    ...(atOnce ? { holds: (header, key) => current.holds?.(header, key) === true } : {}),
    ready: () => current.ready(),
    health: () => current.health(),
    close: () => current.close(),
  };
  const change = (next: StaticKeysOptions['publicKeys']) => {
    current = staticKeys({ publicKeys: next });
  };
  return { keys, change };
}
