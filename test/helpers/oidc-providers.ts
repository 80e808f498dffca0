import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll } from '@jest/globals';
import {
  AuthError,
  type AuthMethod,
  memoryUsers,
  type OidcPresetName,
  oidcPresets,
  type Principal,
} from '../../lib/index.js';
import { type OidcSimulator, oidcSimulators } from '../../lib/testing/index.js';

type Options = Record<string, unknown>;
type Simulator = OidcSimulator<Options & { jwksUri: string }>;

/** What a method makes of a token. */
export interface Outcome {
  /** `200`, or status and code of the refusal. */
  readonly verdict: string;
  readonly hint?: string | undefined;
  readonly expected?: unknown;
  readonly principal?: Principal | undefined;
}

/** Presents a token to a method, as a request with a bearer token does. */
export async function present(method: AuthMethod, token: string, cookie?: string): Promise<Outcome> {
  const headers = {
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(cookie === undefined ? {} : { cookie }),
  };
  const req = { method: 'GET', url: '/', headers, rawHeaders: Object.entries(headers).flat(), socket: {} };
  try {
    return { verdict: '200', principal: await method.authenticate(req as unknown as IncomingMessage) };
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return { verdict: `${error.status} ${error.code}`, hint: error.detail?.hint, expected: error.detail?.expected };
  }
}

/** A preset whose options are not checked by the compiler, for tests about wrong ones. */
export const loosePreset = (name: OidcPresetName) => oidcPresets[name] as unknown as (options: Options) => AuthMethod;

/** A provider and its preset, by name; the types of both were checked where they are told apart. */
export interface TestProvider {
  readonly simulator: Simulator;
  preset(options?: Options): AuthMethod;
  /** Presents a token to the preset, with more options if wanted. */
  ask(token: string | Promise<string>, options?: Options): Promise<Outcome>;
  /** Presents a token to the preset with a store that registers everybody. */
  register(token: string | Promise<string>, options?: Options): Promise<Outcome>;
}

/** A simulator of a provider for as long as the test file runs. */
export function testProvider(name: OidcPresetName, own: Options = {}): TestProvider {
  let simulator: Simulator | undefined;
  const closing: (() => Promise<void>)[] = [];
  const started = (): Simulator => {
    if (simulator === undefined) throw new Error(`the simulator of ${name} is not started yet`);
    return simulator;
  };
  const preset = (options: Options = {}) => {
    const given = Object.entries({ ...started().options, ...options }).filter(([, value]) => value !== undefined);
    const method = loosePreset(name)(Object.fromEntries(given));
    closing.push(() => method.close());
    return method;
  };
  beforeAll(async () => {
    const start = oidcSimulators[name] as unknown as (own: Options) => Promise<Simulator>;
    simulator = await start(own);
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await simulator?.close();
  });
  return {
    get simulator() {
      return started();
    },
    preset,
    ask: async (token, options) => present(preset(options), await token),
    register: async (token, options) =>
      present(preset({ users: { store: memoryUsers(), autoRegister: true }, ...options }), await token),
  };
}
