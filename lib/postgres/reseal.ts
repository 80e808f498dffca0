import type { CredentialRow } from './consumer-row.js';
import type { consumerStatements } from './consumer-statements.js';
import { resealedValues } from './credential-vault.js';
import type { Sealing } from './sealing.js';
import { queryRows, type SqlClient } from './sql-client.js';

const BATCH = 100;

type ResealStatements = Pick<ReturnType<typeof consumerStatements>, 'sealedOtherwise' | 'reseal'>;

/** The values to write, or nothing where the secret does not open. */
function tryReseal(row: CredentialRow, sealing: Sealing): unknown[] | undefined {
  try {
    return resealedValues(row, sealing);
  } catch {
    return undefined;
  }
}

/**
 * Seals what is under another key than the current one, row by row; a row that somebody changed meanwhile is left
 * as they wrote it.
 * @throws Error if some secrets do not open: their key must not be thrown away. All others are sealed anew by then.
 */
export async function resealAll(client: SqlClient, sql: ResealStatements, sealing: Sealing): Promise<number> {
  const unopened = new Set<string>();
  let resealed = 0;
  for (let position = -1; ; ) {
    const rows = await queryRows<CredentialRow>(client, sql.sealedOtherwise, [sealing.current, position, BATCH]);
    for (const row of rows) {
      const values = tryReseal(row, sealing);
      if (values === undefined) unopened.add(row.id);
      else resealed += (await queryRows(client, sql.reseal, values)).length;
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    position = last.position;
  }
  if (unopened.size > 0) {
    const ids = [...unopened].join(', ');
    throw new Error(`${resealed} secrets were sealed anew, but those of these credentials do not open: ${ids}`);
  }
  return resealed;
}
