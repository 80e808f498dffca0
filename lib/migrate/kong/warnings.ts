import type { KongRecord } from './kong-record.js';

/** Collects what a migration has to say to its operator; each warning begins with the path of what it is about. */
export class Warnings {
  readonly texts: string[] = [];

  add(record: KongRecord, name: string | undefined, text: string): void {
    this.texts.push(`${name === undefined ? record.path : record.at(name)}: ${text}`);
  }

  /** For fields that Kong knows and that have no counterpart here. */
  notCarried(record: KongRecord, names: readonly string[], hint = 'is not carried over'): void {
    for (const name of record.names) if (names.includes(name)) this.add(record, name, hint);
  }
}
