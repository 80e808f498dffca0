import { ConfigurationError } from '../errors/configuration-error.js';

/**
 * A database client: a `pg.Pool`, a `pg.Client`, a PGlite, or an object like them. Every operation of a store is one
 * statement, so a pool may run each on another connection.
 */
export interface SqlClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Receives notifications from other processes: a PGlite, or what `pgListener` returns for a `pg.Client`. */
export interface SqlListener {
  /** Subscribes to a channel, and resolves to a function that ends the subscription. */
  listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>>;
}

/** A row as a driver returns it. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement. Rows get their type here, and only here: the caller knows what its statement selects. */
export async function queryRows<T extends Row = Row>(
  client: SqlClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly T[]> {
  try {
    // A copy, because a driver may keep or change the array.
    const { rows } = await client.query(text, [...values]);
    return rows as T[];
  } catch (thrown) {
    throw sqlState(thrown) === undefined ? thrown : new DatabaseError(thrown);
  }
}

/** Runs a statement with a name as its only parameter. No query is needed for a name that cannot be stored. */
export async function rowsNamed<T extends Row = Row>(
  client: SqlClient,
  text: string,
  name: string,
): Promise<readonly T[]> {
  return isStorable(name) ? queryRows<T>(client, text, [name]) : [];
}

/**
 * A refusal of the database, reduced to code, constraint and message. It is logged as the `cause` of a 503, and the
 * drivers' own errors carry rows and parameters with e-mail addresses and secrets.
 */
class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
  readonly code: string | undefined;
  readonly constraint: string | undefined;

  constructor(thrown: unknown) {
    const code = sqlState(thrown);
    // Only the messages of class 22 (data exception) quote the value.
    super(code?.startsWith('22') ? 'The database does not take a value.' : (thrown as Error).message);
    this.code = code;
    this.constraint = violatedConstraint(thrown);
  }
}

/** Reads the SQLSTATE of an error of any driver; `undefined` for other errors. */
export function sqlState(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Reads the name of the constraint that a statement has violated. */
export function violatedConstraint(error: unknown): string | undefined {
  const name = typeof error === 'object' && error !== null ? (error as { constraint?: unknown }).constraint : undefined;
  return typeof name === 'string' ? name : undefined;
}

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';

/** Whether PostgreSQL can store all texts unchanged: it takes neither NUL nor half a surrogate pair. */
export function isStorable(...texts: readonly (string | undefined)[]): boolean {
  return texts.every((text) => text === undefined || !(text.includes('\0') || /\p{Surrogate}/u.test(text)));
}

/**
 * Checks that the texts of a record can be stored unchanged.
 * @throws {ConfigurationError} when one contains a NUL or half a surrogate pair.
 */
export function assertStorable(option: string, fields: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of Object.entries(fields)) {
    const texts = [value].flat().filter((text) => typeof text === 'string');
    if (!isStorable(...texts)) {
      throw new ConfigurationError(`${option}.${field}`, 'has a NUL or half a surrogate pair, which no database keeps');
    }
  }
}
