import { oidcBearer } from '../../lib/index.js';

/** Settings of the process. */
export interface MethodOrders {
  readonly issuer: string;
  readonly audience: string;
  /** Whether the method is closed again. */
  readonly close: boolean;
}

/** Loads the keys and does nothing else, so that only the method could keep the process alive. */
process.once('message', async ({ close, ...trust }: MethodOrders) => {
  const method = oidcBearer(trust);
  await method.ready();
  if (close) await method.close();
  process.disconnect();
});
