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
  try {
    // A driver may keep or change the array it is given.
    const { rows } = await client.query(text, [...values]);
    return rows as T[];
  } catch (thrown) {
    throw sqlState(thrown) === undefined ? thrown : new DatabaseError(thrown);
  }
}

/** Runs a statement that looks for one name; for a name that nothing can have, there is no need to ask. */
export async function rowsNamed<T extends Row = Row>(
  client: SqlClient,
  text: string,
  name: string,
): Promise<readonly T[]> {
  return isStorable(name) ? queryRows<T>(client, text, [name]) : [];
}

/**
 * What a database refused, without what it was about: drivers put rows and parameters (addresses, secrets) into
 * their errors, and this one is logged as the `cause` of a 503.
 */
class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
  readonly code: string | undefined;
  readonly constraint: string | undefined;

  constructor(thrown: unknown) {
    const code = sqlState(thrown);
    // Class 22 (data exception) is the one whose messages quote the value.
    super(code?.startsWith('22') ? 'The database does not take a value.' : (thrown as Error).message);
    this.code = code;
    this.constraint = violatedConstraint(thrown);
  }
}

/** SQLSTATE of an error, whichever copy of whichever driver threw it. */
export function sqlState(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The constraint that a statement ran into. */
export function violatedConstraint(error: unknown): string | undefined {
  const name = typeof error === 'object' && error !== null ? (error as { constraint?: unknown }).constraint : undefined;
  return typeof name === 'string' ? name : undefined;
}

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';

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
