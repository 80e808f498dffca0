import type { CredentialRow } from './consumer-row.js';
import type { consumerStatements } from './consumer-statements.js';
import { resealedValues } from './sealed-credentials.js';
import type { Sealing } from './sealing.js';
import { queryRows, type SqlClient } from './sql-client.js';

const BATCH = 100;

type ResealStatements = Pick<ReturnType<typeof consumerStatements>, 'sealedOtherwise' | 'reseal'>;

/** Values of the parameters of `reseal`, or `undefined` when the secret cannot be opened. */
function tryReseal(row: CredentialRow, sealing: Sealing): unknown[] | undefined {
  try {
    return resealedValues(row, sealing);
  } catch {
    return undefined;
  }
}

/**
 * Seals every secret again that is not under the current key, row by row. A row that is changed meanwhile keeps the
 * change.
 * @throws {Error} when some secrets could not be opened, after all others were sealed: their key is still needed.
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
