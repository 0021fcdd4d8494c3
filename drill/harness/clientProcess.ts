/** The process of an {@link OutsideClient}. */
import { randomBytes } from "node:crypto";
import { KvClient, type ClientIdentity } from "../../rehearse/kvClient";
import { Writer, type Store } from "../../rehearse/writer";
import { until } from "../../rehearse/until";
import { ApiClient } from "./apiClient";
import type { ClientCommand, ClientEvent, Endpoint } from "./client";

const tell = (event: ClientEvent) => process.send!(event);
const dial = ({ address, serverName }: Endpoint, identity: ClientIdentity) =>
  new KvClient(`${address}:2379`, serverName, identity);

/** Short compared with any gap, and it leaves the processors to the members, which share them. */
const pause = 20;

let writer: Writer;
let identity: ClientIdentity;
/** The API to write to, if it is not etcd's own. */
let api: string | undefined;

async function obey(command: ClientCommand): Promise<void> {
  if (command.do === "write") {
    ({ identity, api } = command);
    const stores: Store[] = api
      ? [new ApiClient(api)]
      : command.endpoints.map((endpoint) => dial(endpoint, identity));
    writer = new Writer(stores, command.prefix, pause);
    await until("a first acknowledged write", () => Promise.resolve(writer.count > 0), { within: 120_000 });
    tell({ event: "acknowledged" });
  } else if (command.do === "fill") {
    await fill(command);
    tell({ event: "acknowledged" });
  } else if (command.do === "await") {
    const enough = writer.count + command.more;
    await until(`${command.more} more acknowledged writes`, () => Promise.resolve(writer.count >= enough), {
      within: 180_000,
    });
    tell({ event: "acknowledged" });
  } else {
    await writer.stop();
    const readers = api ? [new ApiClient(api)] : command.readers.map((reader) => dial(reader, identity));
    const report = await writer.judge(readers);
    tell({ event: "judged", report });
  }
}

/** Makes many writes at once. */
async function fill({
  prefix,
  count,
  size,
  keys,
  endpoints,
  identity: who,
}: Extract<ClientCommand, { do: "fill" }>) {
  let next = 0;
  const write = async (client: KvClient) => {
    while (next < count)
      await client.put(`${prefix}${next++ % keys}`, randomBytes(size / 2).toString("hex"), 60_000);
  };
  const clients = endpoints.map((endpoint) => dial(endpoint, who));
  await Promise.all(
    Array.from({ length: 8 }, () => clients)
      .flat()
      .map(write),
  );
}

process.on("message", (command: ClientCommand) => {
  obey(command).catch((error: Error) => tell({ event: "failed", message: error.message }));
});
