import { sqlState, UNIQUE_VIOLATION } from './sql-client.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const CONFLICTS: readonly (string | undefined)[] = [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK];

/** Attempts before an operation fails; so many conflicts in a row have another cause than a race. */
const ATTEMPTS = 20;

/** Thrown when an operation sees that a concurrent one has changed the facts it decided on. */
export class ConflictError extends Error {
  override readonly name: string = 'ConflictError';
}

/** Runs an operation again from its start after a conflict with a concurrent one. Rejects after 20 attempts. */
export async function retryOnConflict<T>(operation: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      const isConflict = error instanceof ConflictError || CONFLICTS.includes(sqlState(error));
      if (!isConflict || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Replaces the placeholders in statements with the tables of one schema: `{users}` becomes `<schema>.sallyport_users`.
 * `others` has the values of placeholders that are not tables.
 */
export function inSchema<Statements extends Readonly<Record<string, string>>>(
  statements: Statements,
  schema: string,
  others: Readonly<Record<string, string>> = {},
): Statements {
  const written = Object.entries(statements).map(([verb, sql]) => [
    verb,
    sql.replace(/\{(\w+)\}/g, (_placeholder, name: string) => others[name] ?? `${schema}.sallyport_${name}`),
  ]);
  // Cast: Object.fromEntries does not know that the keys are still those of `statements`.
  return Object.fromEntries(written) as Statements;
}
