/** Application of the contenders, without authentication. */
export default function create() {
  return { middlewares: [] };
}
