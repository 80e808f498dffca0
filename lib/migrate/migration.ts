import type { AuthMethod } from '../middlewares/auth-method.js';

/** What another system's configuration becomes. */
export interface Migration {
  /** Ready to be mounted, alone or in `jwtAuth({ methods })`. */
  readonly methods: readonly AuthMethod[];
  /** What behaves otherwise here, or has no meaning here; for whoever moves, to be read once. */
  readonly warnings: readonly string[];
}
