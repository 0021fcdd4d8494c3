import { once } from "node:events";
import { createConnection, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { Properties } from "../record/values";

/** Something that is about to happen in the stand-in for AWS. */
export interface Change {
  /** `stop` and `start` apply to an instance, around an update and before its volume is detached. */
  change: "create" | "update" | "delete" | "stop" | "start";
  /** The resource's type token. */
  type: string;
  urn: string;
  id: string;
  /** The future inputs; for a deletion, the past ones. */
  inputs: Properties;
}

interface Answer {
  refused?: string;
}

/** Environment variable that names the observer's socket. */
export const observerVariable = "ETCD_STAND_IN_OBSERVER";

/**
 * Tells the observer what is about to happen, and waits until it has done its part.
 * @param socket path of a Unix socket; without one there is no observer
 * @throws Error with the observer's words if it refuses, and if it is gone
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
 * Observes a stand-in for AWS, one change at a time in the order in which they arrive. Each waits until it has been
 * handled: a drill boots and destroys machines in that time, a test checks the order.
 * @param see throws an error to refuse the change, in AWS' words
 */
export async function observe(
  socket: string,
  see: (change: Change) => Promise<void> | void,
): Promise<{ close: () => Promise<void> }> {
  let turn: Promise<void> = Promise.resolve();
  const server: Server = createServer((connection) => {
    // A provider that is killed in the meantime reads no answer.
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
