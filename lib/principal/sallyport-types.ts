/**
 * Tells Sallyport the application's own types, once:
 *
 * ```ts
 * declare module 'sallyport' {
 *   interface SallyportTypes { user: MyUser }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: an interface that applications augment starts out empty.
export interface SallyportTypes {}
