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
