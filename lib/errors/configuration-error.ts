/**
 * Error for an option that is missing, unknown, contradictory or dangerous. It is thrown while a middleware, store or
 * guard is created, and never because of what a request contains.
 */
export class ConfigurationError extends Error {
  override readonly name: string = 'ConfigurationError';
  /** Path of the wrong option, for example `consumerJwt.clockTolerance`. */
  readonly option: string;

  constructor(option: string, problem: string, options?: { cause?: unknown }) {
    super(`${option}: ${problem}`, options);
    this.option = option;
  }
}

/**
 * Runs what names its options without the factory that they were given to, and puts that factory before them.
 *
 * @throws {ConfigurationError} the one that was thrown, with its option below `factory`.
 */
export function optionsOf<T>(factory: string, make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError) || thrown.option.startsWith(factory)) throw thrown;
    const problem = thrown.message.slice(thrown.option.length + 2);
    throw new ConfigurationError(`${factory}.${thrown.option}`, problem, { cause: thrown.cause });
  }
}
