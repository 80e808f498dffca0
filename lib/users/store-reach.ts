import { ConfigurationError } from '../errors/configuration-error.js';
import type { UserStore } from './user-store.js';

/**
 * Issuers of a method's identities, whose statements on e-mail addresses reach its store; `'many'` where they are not
 * known in advance.
 */
export type Vouching = ReadonlySet<string> | 'many';

/** One policy over a store, and the issuers whose people it decides about. */
interface Reaching {
  /** Path of the option that holds the policy, for error messages. */
  readonly option: string;
  /** Whether unverified addresses count as verified (`linkByEmail: 'trusted'`). */
  readonly trusts: boolean;
  readonly issuers: Set<string>;
  hasMany: boolean;
}

const isOneIssuer = (all: readonly Reaching[]) =>
  !all.some(({ hasMany }) => hasMany) && new Set(all.flatMap(({ issuers }) => [...issuers])).size <= 1;

const REMEDY = 'the store: say "verified" with emailDomains, or give the issuers stores of their own';

/**
 * Policies by store. Several methods may use one store, each with a policy of its own, and decide about the same
 * people.
 */
const reaching = new WeakMap<UserStore, Set<Reaching>>();

/** Issuers whose people reach a store, as one of its policies sees them. */
export class StoreReach {
  readonly #all: Set<Reaching>;
  readonly #own: Reaching;

  constructor(store: UserStore, { option, trusts }: Pick<Reaching, 'option' | 'trusts'>) {
    this.#all = reaching.get(store) ?? new Set();
    reaching.set(store, this.#all);
    this.#own = { option, trusts, issuers: new Set(), hasMany: false };
    this.#all.add(this.#own);
  }

  /** Whether people of more than one issuer reach the store, under this policy or another. */
  get isShared(): boolean {
    return !isOneIssuer([...this.#all]);
  }

  /**
   * Registers issuers whose people reach the store under this policy.
   * @throws {ConfigurationError} when a policy over the store trusts its issuer for addresses that nobody verified, and
   * people of several issuers would reach the store, by whichever policy: one issuer's word would decide about the
   * people of another.
   */
  add(vouching: Vouching): void {
    if (vouching === 'many') this.#own.hasMany = true;
    else for (const issuer of vouching) this.#own.issuers.add(issuer);
    const trusting = [this.#own, ...this.#all].find(({ trusts }) => trusts);
    if (trusting === undefined || !this.isShared) return;
    this.leave();
    const { option, trusts } = this.#own;
    if (trusts)
      throw new ConfigurationError(
        `${option}.linkByEmail`,
        `"trusted" is said of one issuer, and several reach ${REMEDY}`,
      );
    throw new ConfigurationError(
      `${option}.store`,
      `is also that of a policy with linkByEmail: "trusted" (${trusting.option}), and with this method several issuers reach ${REMEDY}`,
    );
  }

  /** Removes the policy, because its methods are closed. */
  leave(): void {
    this.#all.delete(this.#own);
  }
}
