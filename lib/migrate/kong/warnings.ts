import type { KongRecord } from './kong-record.js';

/** Collects the warnings of a migration. Each begins with the path of what it is about. */
export class Warnings {
  readonly texts: string[] = [];

  add(record: KongRecord, name: string | undefined, text: string): void {
    this.texts.push(`${name === undefined ? record.path : record.at(name)}: ${text}`);
  }

  /** Warns of those of some fields that are set, because they have no counterpart here. */
  notCarried(record: KongRecord, names: readonly string[], hint = 'is not carried over'): void {
    for (const name of record.names) if (names.includes(name)) this.add(record, name, hint);
  }
}
