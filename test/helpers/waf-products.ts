import { afterAll, beforeAll } from '@jest/globals';
import { type AuthMethod, type WafPresetName, type WafTokenOptions, wafPresets } from '../../lib/index.js';
import { type WafKeyPlace, type WafSimulator, wafSimulators } from '../../lib/testing/index.js';
import type { Loose } from './loose.js';
import { wafVerdict } from './waf.js';

type Simulator = WafSimulator<WafKeyPlace & Record<string, unknown>>;
type Options = Loose<WafTokenOptions> & Record<string, unknown>;

/** Product and preset by name; the type of each pair was checked where it is defined. */
export interface Product {
  readonly name: WafPresetName;
  readonly simulator: Simulator;
  preset(options?: Options): AuthMethod;
}

export const PRODUCT_NAMES = Object.keys(wafPresets) as WafPresetName[];

/** Starts a simulator for every product, which ends with the test file. */
export function everyProduct(): (name: WafPresetName) => Product {
  const products = new Map<WafPresetName, Product>();
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    for (const name of PRODUCT_NAMES) {
      const simulator = (await wafSimulators[name]()) as unknown as Simulator;
      const make = wafPresets[name] as unknown as (options: Options) => AuthMethod;
      const preset = (options: Options = {}) => {
        const method = make({ exposeReason: true, ...simulator.options, ...options });
        closing.push(() => method.close());
        return method;
      };
      products.set(name, { name, simulator, preset });
      closing.push(() => simulator.close());
    }
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });
  return (name) => {
    const product = products.get(name);
    if (product === undefined) throw new Error(`no simulator of ${name}`);
    return product;
  };
}

/** Presents a token as the product does. */
export function presentAs({ simulator, preset }: Product, token: string, options: Options = {}): Promise<200 | string> {
  return wafVerdict(preset(options), [simulator.header, token]);
}
