import type { IncomingMessage } from 'node:http';
import type { Authenticated } from '../../principal/authenticated.js';
import type { UserDirectory } from '../../users/user-directory.js';
import { sessionOf, type TokenOrigin } from './token-origin.js';

/** Users of the methods that people sign in through, so that a session ends with its person. */
export class SessionUsers {
  readonly #own: UserDirectory | undefined;
  readonly #byMethod = new Map<string, Set<UserDirectory>>();

  /** @param own users of the sessions themselves, which are the only ones that count where they are given. */
  constructor(own: UserDirectory | undefined) {
    this.#own = own;
  }

  /** Notes that people sign in through a method. */
  add(method: string, users: UserDirectory | undefined): void {
    if (users?.hasStore !== true) return;
    const all = this.#byMethod.get(method) ?? new Set();
    this.#byMethod.set(method, all.add(users));
  }

  /**
   * Looks whether the person behind a local token may still come in, where it is known who knows them. Where it is not,
   * the answer has a session, for the users of `jwtAuth`.
   * @throws {ForbiddenError} when they may not.
   * @throws {ServiceUnavailableError} `provisioning_unavailable`.
   */
  async confirm(
    authenticated: Authenticated,
    origin: TokenOrigin | undefined,
    req: IncomingMessage,
  ): Promise<Authenticated> {
    const own = this.#own;
    if (own === undefined && origin === undefined) return authenticated;
    const session = sessionOf(authenticated.principal, origin, own?.hasStore === false);
    const opened = session === undefined ? authenticated : { ...authenticated, session };
    const known = this.#byMethod.get(origin?.method ?? '');
    if (own !== undefined || known === undefined) return opened;
    let confirmed = opened;
    for (const users of known) confirmed = await users.attach(confirmed, req);
    return { ...confirmed, session: undefined };
  }
}
