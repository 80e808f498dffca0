import { sqlState, UNIQUE_VIOLATION } from './sql-client.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const LOST_RACES: readonly (string | undefined)[] = [UNIQUE_VIOLATION, SERIALIZATION_FAILURE, DEADLOCK];

/** A race that is lost this often in a row is no race any more. */
const ATTEMPTS = 20;

/** Thrown by an operation that has found out by itself that another one came first. */
export class LostRace extends Error {
  override readonly name: string = 'LostRace';
}

/** Decides again from the start when another operation came first, and gives up in the end. */
export async function decidingAgain<T>(decide: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await decide();
    } catch (error) {
      const isLost = error instanceof LostRace || LOST_RACES.includes(sqlState(error));
      if (!isLost || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * The statements with the tables of one schema in place of their placeholders: `{users}` becomes
 * `<schema>.sallyport_users`, unless `others` says what it stands for.
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
  // The same keys as before, which Object.fromEntries cannot know.
  return Object.fromEntries(written) as Statements;
}
