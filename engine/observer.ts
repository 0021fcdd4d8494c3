import { once } from "node:events";
import { createConnection, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { Properties } from "../record/values";

/** Something that is about to happen in the stand-in for AWS. */
export interface Change {
  /** `stop` and `start` are an instance's own, around an update and before its volume is detached. */
  change: "create" | "update" | "delete" | "stop" | "start";
  /** The resource's type token. */
  type: string;
  urn: string;
  id: string;
  /** As they will be; of what is deleted, as they were. */
  inputs: Properties;
}

interface Answer {
  refused?: string;
}

/** Environment variable that names the observer's socket. */
export const observerVariable = "ETCD_STAND_IN_OBSERVER";

/**
 * Tells whoever observes what is about to happen, and waits until they have done their part.
 * @param socket path of a Unix socket; without one nobody observes
 * @throws Error with their words if they refuse, and if they are gone
 */
export async function tell(socket: string | undefined, change: Change): Promise<void> {
  if (socket === undefined) return;
  const connection = createConnection(socket);
  try {
    await once(connection, "connect");
    connection.write(`${JSON.stringify(change)}\n`);
    for await (const line of createInterface(connection)) {
      const { refused } = JSON.parse(line) as Answer;
      if (refused !== undefined) throw new Error(refused);
      return;
    }
    throw new Error(`${socket}: the observer is gone`);
  } finally {
    connection.destroy();
  }
}

/**
 * Observes a stand-in for AWS, one change at a time in the order in which they come. Each waits until it
 * has been seen to: a drill boots and destroys machines meanwhile, a test keeps the order.
 * @param see throws an error to refuse the change, with AWS' words
 */
export async function observe(
  socket: string,
  see: (change: Change) => Promise<void> | void,
): Promise<{ close: () => Promise<void> }> {
  let turn: Promise<void> = Promise.resolve();
  const server: Server = createServer((connection) => {
    // A provider that is killed meanwhile reads no answer.
    connection.on("error", () => connection.destroy());
    createInterface(connection).on("line", (line) => {
      turn = turn.then(async () => {
        const answer: Answer = await Promise.resolve()
          .then(() => see(JSON.parse(line) as Change))
          .then(
            () => ({}),
            (error: Error) => ({ refused: error.message }),
          );
        connection.end(`${JSON.stringify(answer)}\n`);
      });
    });
  });
  await once(server.listen(socket), "listening");
  return {
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
