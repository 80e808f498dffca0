/**
 * Thrown while a middleware, store or guard is being created, for an option that is missing,
 * unknown, contradictory or dangerous. Never thrown because of what a request contains.
 */
export class ConfigurationError extends Error {
  override readonly name: string = 'ConfigurationError';
  /** Path of the option that is wrong, for example `consumerJwt.clockTolerance`. */
  readonly option: string;

  constructor(option: string, problem: string, options?: { cause?: unknown }) {
    super(`${option}: ${problem}`, options);
    this.option = option;
  }
}
