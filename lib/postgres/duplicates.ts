import { taken } from '../consumers/refusals.js';
import { sqlState, UNIQUE_VIOLATION, violatedConstraint } from './sql-client.js';

/** Fields by the unique constraint of the schema that protects them. */
const UNIQUE_FIELDS: Readonly<Record<string, 'id' | 'username' | 'customId' | 'key'>> = {
  sallyport_consumers_pkey: 'id',
  sallyport_consumers_username_key: 'username',
  sallyport_consumers_custom_id_key: 'customId',
  sallyport_credentials_pkey: 'id',
  sallyport_credentials_key_key: 'key',
};

/**
 * Runs a statement that writes `fields`, and turns a violated unique constraint into an error that names the field.
 * @throws {ConfigurationError} when the value of a field is taken.
 */
export async function namingDuplicates<T>(
  option: string,
  fields: Readonly<Partial<Record<'id' | 'username' | 'customId' | 'key', string | undefined>>>,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const field = sqlState(error) === UNIQUE_VIOLATION ? UNIQUE_FIELDS[violatedConstraint(error) ?? ''] : undefined;
    const value = field && fields[field];
    throw field !== undefined && value !== undefined ? taken(option, field, value) : error;
  }
}
