import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { pkiDirectory } from "../contract/paths";
import type { DeclaredMember } from "./declared";

export const loopback = "127.0.0.1";

/** One difference from the declaration, because the members run on this computer. */
export interface Exchange {
  member: string;
  declared: string;
  here: string;
}

/** A member's process on this computer. */
export interface LocalMember {
  name: string;
  dnsName: string;
  /** Directory of its data, certificates and log. */
  directory: string;
  /** etcd's command line: the declared one with addresses and paths exchanged, and flags for founding. */
  flags: string[];
  pki: DeclaredMember["pki"];
  /** Ports on loopback by the declared port, for example 2379. */
  ports: Readonly<Record<number, number>>;
}

/**
 * Moves members onto loopback: every `address:port` in a member's URLs becomes 127.0.0.1 with a free port, and the
 * certificates' directory becomes one of its own. Everything else stays as declared.
 */
export async function ontoLoopback(
  members: readonly DeclaredMember[],
  directory: string,
): Promise<{ members: LocalMember[]; exchanges: Exchange[] }> {
  const exchanges: Exchange[] = [];
  const urls = members.map(({ flags }) => [
    ...new Set(flags.flatMap((flag) => flag.match(urlPattern) ?? [])),
  ]);
  const portsOf = urls.map((found) => [
    ...new Set(found.map((url) => Number(url.slice(url.lastIndexOf(":") + 1)))),
  ]);
  const free = await freePorts(portsOf.flat().length);

  const moved = members.map(({ identity, dnsName, flags, pki }, index): LocalMember => {
    const ports = Object.fromEntries(portsOf[index]!.map((port) => [port, free.pop()!]));
    const home = join(directory, identity.member);
    const exchange = (text: string) =>
      text
        .replace(
          urlPattern,
          (_, scheme: string, _host, port: string) => `${scheme}://${loopback}:${ports[Number(port)]}`,
        )
        .replaceAll(`${pkiDirectory}/`, `${join(home, "pki")}/`);
    for (const url of urls[index]!)
      exchanges.push({ member: identity.member, declared: url, here: exchange(url) });
    exchanges.push({
      member: identity.member,
      declared: `${pkiDirectory}/`,
      here: exchange(`${pkiDirectory}/`),
    });
    return { name: identity.member, dnsName, directory: home, flags: flags.map(exchange), pki, ports };
  });

  const initialCluster = moved
    .map(({ name, flags }) => `${name}=${flagValue(flags, "initial-advertise-peer-urls")}`)
    .join(",");
  for (const member of moved) {
    // What a machine's join program adds when it founds a cluster.
    member.flags.push(
      `--data-dir=${join(member.directory, "data")}`,
      `--initial-cluster=${initialCluster}`,
      "--initial-cluster-state=new",
      "--initial-cluster-token=rehearsal",
    );
  }
  return { members: moved, exchanges };
}

const urlPattern = /(https?):\/\/([^:/,]+):(\d+)/g;

/** The value of `--name=value` in a command line. */
export function flagValue(flags: readonly string[], name: string): string | undefined {
  const prefix = `--${name}=`;
  return flags.find((flag) => flag.startsWith(prefix))?.slice(prefix.length);
}

/**
 * Free ports on loopback, below the range from which systems take the ports of outgoing connections. In that range, a
 * member that dials its peers could itself take the port of a peer that is not up yet.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let port = 20_000 + Math.floor(Math.random() * 10_000); ports.length < count; port++) {
      if (port >= 32_000) throw new Error(`no ${count} free ports between 20000 and 32000 on loopback`);
      const server = createServer();
      const bound = await new Promise<boolean>((resolve) =>
        server
          .once("error", () => resolve(false))
          .listen({ port, host: loopback, exclusive: true }, () => resolve(true)),
      );
      if (!bound) continue;
      held.push(server);
      ports.push(port);
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  }
  return ports;
}
