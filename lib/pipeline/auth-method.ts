import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction } from '../errors/responder.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Principal } from '../principal/principal.js';
import type { Invalidation } from '../users/user-store.js';

/**
 * What every factory returns: a Connect middleware that can also be asked directly. It works in Express 4 and 5,
 * Connect and plain `node:http`, on an application, a router or a single route.
 */
export interface AuthMethod {
  (req: IncomingMessage, res: ServerResponse, next: NextFunction): void;
  readonly name: string;
  /**
   * Verifies a request without answering it, for WebSocket upgrades and tests. Headers that speak of identity leave
   * the request here too. `undefined`: it carries no credential of this kind. @throws AuthError for everything else
   * that is not a principal.
   */
  authenticate(req: IncomingMessage): Promise<Principal | undefined>;
  /** Loads what would otherwise be loaded by the first request. */
  ready(): Promise<void>;
  /** One entry per key source and introspection endpoint (which has no keys); empty where nothing needs loading. */
  health(): readonly KeySourceHealth[];
  /** Forgets what is cached about a user or an identity, so that a change takes effect with the next request. */
  invalidate(change: Invalidation): void;
  /** Stops background work and drops caches. */
  close(): Promise<void>;
}
