/** The same application without authentication. */
export default function create() {
  return { middlewares: [] };
}
