/**
 * Types of the application, which it sets once by augmentation:
 *
 * ```ts
 * declare module 'sallyport' {
 *   interface SallyportTypes { user: MyUser }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: an interface that applications augment starts out empty.
export interface SallyportTypes {}
