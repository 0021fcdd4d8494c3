/** The most bytes that a message may have, the same as in Pulumi: a program with many large texts is no mistake. */
export const messageLimit = 400 * 1024 * 1024;

/** A gRPC handler from a plain function; what the function throws is the call's error. */
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
