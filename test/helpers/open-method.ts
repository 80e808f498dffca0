import { oidcBearer } from '../../lib/index.js';

/** What a process of its own is told to make. */
export interface MethodOrders {
  readonly issuer: string;
  readonly audience: string;
  /** Whether to close it again. */
  readonly close: boolean;
}

/** Loads the keys, and has nothing else to do: nothing but the method could keep this process alive. */
process.once('message', async ({ close, ...trust }: MethodOrders) => {
  const method = oidcBearer(trust);
  await method.ready();
  if (close) await method.close();
  process.disconnect();
});
