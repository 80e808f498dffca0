import { ConfigurationError } from '../errors/configuration-error.js';
import type { UserStore } from './user-store.js';

/** Issuers whose word on e-mail addresses comes with a method's identities; `'many'` where they are not known beforehand. */
export type Vouching = ReadonlySet<string> | 'many';

/** One policy over a store, and the issuers whose people it decides about. */
interface Reaching {
  /** Names the policy in refusals. */
  readonly option: string;
  /** Whether addresses are believed that no token calls verified. */
  readonly trusts: boolean;
  readonly issuers: Set<string>;
  hasMany: boolean;
}

const isOneIssuer = (all: readonly Reaching[]) =>
  !all.some(({ hasMany }) => hasMany) && new Set(all.flatMap(({ issuers }) => [...issuers])).size <= 1;

/** Policies over one store. Several methods with one store decide about the same people, each with users of its own or not. */
const reaching = new WeakMap<UserStore, Set<Reaching>>();

/** The issuers that reach a store, as seen by one policy over it. */
export class StoreReach {
  readonly #all: Set<Reaching>;
  readonly #own: Reaching;

  constructor(store: UserStore, { option, trusts }: Pick<Reaching, 'option' | 'trusts'>) {
    this.#all = reaching.get(store) ?? new Set();
    reaching.set(store, this.#all);
    this.#own = { option, trusts, issuers: new Set(), hasMany: false };
    this.#all.add(this.#own);
  }

  /** Whether people of more than one issuer reach the store, by this policy or by another. */
  get isShared(): boolean {
    return !isOneIssuer([...this.#all]);
  }

  /**
   * Notes that people of these issuers come by this policy.
   * @throws {ConfigurationError} when several issuers would be trusted for the addresses of all.
   */
  add(vouching: Vouching): void {
    if (vouching === 'many') this.#own.hasMany = true;
    else for (const issuer of vouching) this.#own.issuers.add(issuer);
    const trusting = [...this.#all].filter(({ trusts }) => trusts);
    if (!this.#own.trusts || isOneIssuer(trusting)) return;
    this.leave();
    throw new ConfigurationError(
      `${this.#own.option}.linkByEmail`,
      '"trusted" is said of one issuer, and several reach this store by it: give the one a method with users of its own',
    );
  }

  /** Forgets the policy, whose methods are closed. */
  leave(): void {
    this.#all.delete(this.#own);
  }
}
