import type { OnEvent } from '../events/auth-event.js';
import { namesOf } from '../options/option-names.js';
import type { AuthMethod } from '../pipeline/auth-method.js';

/** Options of every migration. */
export interface MigrationOptions {
  /**
   * Takes plain http for addresses of other hosts than this machine, as inside a cluster.
   * @default false
   */
  dangerouslyAllowHttp?: boolean | undefined;
  /**
   * Called with every decision of the methods, with its precise code, and with what happens to their keys.
   * @default none
   */
  onEvent?: OnEvent | undefined;
}

/** Names of {@link MigrationOptions}, for the check of unknown options. */
export const MIGRATION_OPTION_NAMES = namesOf<MigrationOptions>()({ dangerouslyAllowHttp: true, onEvent: true });

/** Result of a migration: the methods that another system's configuration becomes. */
export interface Migration {
  /** Methods to be mounted, alone or in `jwtAuth({ methods })`. */
  readonly methods: readonly AuthMethod[];
  /** Differences from the system to come from, one sentence each; to be read once before moving. */
  readonly warnings: readonly string[];
}
