/** The most that a message may have, in bytes, as Pulumi has it: a program with many large texts is no mistake. */
export const messageLimit = 400 * 1024 * 1024;

/** A gRPC handler of a plain function; what it throws is the call's error. */
export function unary<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  return (call: { request: Request }, callback: (error: Error | null, response?: Response) => void): void => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => callback(null, response),
        (error: Error) => callback(error),
      );
  };
}
