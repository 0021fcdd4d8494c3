/** The process of an {@link OutsideClient}. */
import { KvClient, type ClientIdentity } from "../local/kvClient";
import { Writer } from "../local/writer";
import { until } from "../until";
import type { ClientCommand, ClientEvent, Endpoint } from "./client";

const tell = (event: ClientEvent) => process.send!(event);
const dial = ({ address, serverName }: Endpoint, identity: ClientIdentity) =>
  new KvClient(`${address}:2379`, serverName, identity);

let writer: Writer;
let identity: ClientIdentity;

async function obey(command: ClientCommand): Promise<void> {
  if (command.do === "write") {
    identity = command.identity;
    writer = new Writer(
      command.endpoints.map((endpoint) => dial(endpoint, identity)),
      command.prefix,
    );
    await until("a first acknowledged write", () => Promise.resolve(writer.count > 0));
    tell({ event: "acknowledged" });
  } else if (command.do === "await") {
    const enough = writer.count + command.more;
    await until(`${command.more} more acknowledged writes`, () => Promise.resolve(writer.count >= enough), {
      within: 180_000,
    });
    tell({ event: "acknowledged" });
  } else {
    await writer.stop();
    const report = await writer.judge(command.readers.map((reader) => dial(reader, identity)));
    tell({ event: "judged", report });
  }
}

process.on("message", (command: ClientCommand) => {
  obey(command).catch((error: Error) => tell({ event: "failed", message: error.message }));
});
