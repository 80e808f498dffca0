import type { OnEvent } from '../events/auth-event.js';
import type { AuthMethod } from '../pipeline/auth-method.js';

/** What an application adds to another system's configuration. */
export interface MigrationOptions {
  /** Told of every decision of the methods, with the precise code, and of their keys. Default: nobody. */
  onEvent?: OnEvent;
}

/** What another system's configuration becomes. */
export interface Migration {
  /** Ready to be mounted, alone or in `jwtAuth({ methods })`. */
  readonly methods: readonly AuthMethod[];
  /** What behaves otherwise here, or has no meaning here; for whoever moves, to be read once. */
  readonly warnings: readonly string[];
}
