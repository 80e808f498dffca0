// Exports of the subpath `sallyport/migrate`: configurations of other systems become auth methods.

export { type FromConduktorOptions, fromConduktor } from './conduktor/from-conduktor.js';
export { fromConsul } from './consul/from-consul.js';
export { type FromKongOptions, fromKong, type KongMigration } from './kong/from-kong.js';
export type { Migration, MigrationOptions } from './migration.js';
export { type FromZitadelOptions, fromZitadel, type ZitadelMigration } from './zitadel/from-zitadel.js';
export type { ZitadelUsers } from './zitadel/provider-users.js';
