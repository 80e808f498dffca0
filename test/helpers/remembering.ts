import type { JWTPayload } from 'jose';
import type { AuthMethod, KeySource, Principal, StaticKeysOptions } from '../../lib/index.js';
import { AuthError, staticKeys } from '../../lib/index.js';
import type { AuthRequest } from '../../lib/tokens/request.js';

/** A request with a token, for `authenticate`. */
export const carrying = (token: string) =>
  ({ headers: { authorization: `Bearer ${token}` }, rawHeaders: [] }) as unknown as AuthRequest;

/** Result of a request: the principal as JSON, or the code of the refusal. */
export async function outcome(method: AuthMethod, token: string): Promise<object | string> {
  try {
    const principal: Principal | undefined = await method.authenticate(carrying(token));
    return principal === undefined ? 'nobody' : (JSON.parse(JSON.stringify(principal)) as object);
  } catch (thrown) {
    if (thrown instanceof AuthError) return thrown.code;
    throw thrown;
  }
}

/** Presents a token and returns `welcome`, or the code of the refusal. */
export async function answer(method: AuthMethod, token: string): Promise<string> {
  const told = await outcome(method, token);
  return typeof told === 'string' ? told : 'welcome';
}

/** Presents a token twice, because the first time it is not cached. */
export async function welcomeTwice(method: AuthMethod, token: string): Promise<void> {
  for (const time of ['first', 'second']) {
    const told = await answer(method, token);
    if (told !== 'welcome') throw new Error(`${told} at the ${time} request`);
  }
}

/**
 * Shows from outside whether a token was cached: a claim path that is a function is called for a token that is new to
 * the method, and not for a cached one.
 */
export function countingClaims() {
  let asked = 0;
  const username = ({ sub }: Readonly<JWTPayload>) => {
    asked += 1;
    return sub;
  };
  /** Number of presented tokens whose claims were mapped, and not taken from the cache. */
  const workedOut = async (present: () => Promise<unknown>): Promise<number> => {
    const before = asked;
    await present();
    return asked - before;
  };
  return { claims: { username }, workedOut };
}

/** Key source without the network whose keys a test changes; `atOnce`: it answers synchronously. */
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
