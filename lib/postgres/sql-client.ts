import { ConfigurationError } from '../errors/configuration-error.js';

/**
 * All that a store needs of a database: `pg.Pool`, `pg.Client` and PGlite satisfy it as they are. Every operation
 * is one statement, so a pool may run each on another connection.
 */
export interface SqlClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** What PGlite has and {@link pgListener} makes out of a `pg.Client`: news from other processes. */
export interface SqlListener {
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

/** A row as a driver hands it out; readers check what they take from it. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement. The one boundary where rows get a type: what a statement selects is what its reader expects. */
export async function queryRows<T extends Row = Row>(
  client: SqlClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly T[]> {
  // A driver may keep or change the array it is given.
  const { rows } = await client.query(text, [...values]);
  return rows as T[];
}

/** SQLSTATE of an error, whichever copy of whichever driver threw it. */
export function sqlState(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The constraint that a statement ran into. */
export function violatedConstraint(error: unknown): string | undefined {
  const name = typeof error === 'object' && error !== null ? (error as { constraint?: unknown }).constraint : undefined;
  return typeof name === 'string' ? name : undefined;
}

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';
export const SERIALIZATION_FAILURE = '40001';
export const DEADLOCK = '40P01';

/** PostgreSQL keeps no NUL in a text; whoever names one names nothing that is stored. */
export function isStorable(...texts: readonly (string | undefined)[]): boolean {
  return texts.every((text) => text === undefined || !(text.includes('\0') || /\p{Surrogate}/u.test(text)));
}

/**
 * Refuses to write what would be kept as another text than was given, or not at all.
 * @throws ConfigurationError
 */
export function assertStorable(option: string, fields: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(fields)) {
    const texts = [value].flat().filter((text) => typeof text === 'string');
    if (!isStorable(...texts)) {
      throw new ConfigurationError(`${option}.${field}`, 'has a NUL or half a surrogate pair, which no database keeps');
    }
  }
}
