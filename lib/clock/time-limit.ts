/**
 * Runs work that may take at most so many seconds; then it rejects, and the signal that the work was given aborts. An
 * exception that the work throws at once is a rejection, too.
 */
export async function withTimeLimit<T>(seconds: number, run: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${seconds} seconds`);
      controller.abort(error);
      reject(error);
    }, seconds * 1000);
  });
  try {
    return await Promise.race([run(controller.signal), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
