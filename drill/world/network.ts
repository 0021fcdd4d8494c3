import { hosts, metadataAddress } from "./addresses";
import { run } from "../../tools/run";

const bridge = "etcd0";

/** Faults apply before the security groups, so that either can change without the other. */
const faultTable = `
table bridge faults {
  set cut { type ipv4_addr . ipv4_addr; }
  set deaf { type ipv4_addr; }
  set lossy { type ipv4_addr; }
  chain forward {
    type filter hook forward priority -10; policy accept;
    ip saddr . ip daddr @cut drop
    ip saddr @lossy numgen random mod 100 < 20 drop
  }
  chain input {
    type filter hook input priority -10; policy accept;
    ip saddr @deaf ip daddr ${hosts.services} tcp dport 80 drop
  }
}
`;

/** Hosts on one bridge, each in a network namespace of its own with a fixed address. */
export class Network {
  private count = 0;
  private readonly links = new Map<string, string>();

  /** Makes the bridge, in the network namespace of this process. */
  static async create(): Promise<Network> {
    await run("ip", ["link", "add", bridge, "type", "bridge"]);
    await run("ip", ["addr", "add", `${hosts.services}/32`, "dev", bridge]);
    await run("ip", ["addr", "add", `${metadataAddress}/32`, "dev", bridge]);
    await run("ip", ["link", "set", bridge, "up"]);
    // The computer has no other way out, and is reachable under any address.
    await run("ip", ["route", "add", "default", "dev", bridge, "src", hosts.services]);
    await run("nft", ["-f", "-"], { input: faultTable });
    return new Network();
  }

  /** Adds a host: its namespace has the host's name, its network interface is named like EC2's on Nitro. */
  async addHost(name: string, address: string): Promise<void> {
    const link = `host${this.count++}`;
    this.links.set(name, link);
    await run("ip", ["netns", "add", name]);
    await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "ens5", "netns", name]);
    await run("ip", ["link", "set", link, "master", bridge, "up"]);
    const inside = (...args: string[]) => run("ip", ["-n", name, ...args]);
    await inside("link", "set", "lo", "up");
    await inside("addr", "add", `${address}/32`, "dev", "ens5");
    await inside("link", "set", "ens5", "up");
    await inside("route", "add", "default", "dev", "ens5", "src", address);
  }

  async removeHost(name: string): Promise<void> {
    await run("ip", ["netns", "delete", name]);
    this.links.delete(name);
  }

  /** A dead host sends nothing, not even the end of a connection. */
  async unplug(name: string): Promise<void> {
    await run("ip", ["link", "set", this.links.get(name)!, "down"]);
  }

  async plug(name: string): Promise<void> {
    await run("ip", ["link", "set", this.links.get(name)!, "up"]);
  }

  async apply(rules: string): Promise<void> {
    await run("nft", ["-f", "-"], { input: rules });
  }

  /** Lets nothing pass between the two sides, in either direction. */
  async cut(one: readonly string[], other: readonly string[]): Promise<void> {
    const pairs = one.flatMap((a) => other.flatMap((b) => [`${a} . ${b}`, `${b} . ${a}`]));
    await this.addElements("cut", pairs);
  }

  /** Loses one in five packets that the hosts send. */
  async lose(addresses: readonly string[]): Promise<void> {
    await this.addElements("lossy", addresses);
  }

  /** Puts AWS and the mirror out of reach of these hosts: they get no answer, as when a route is gone. */
  async deafen(addresses: readonly string[]): Promise<void> {
    await this.addElements("deaf", addresses);
  }

  /** Ends every fault. */
  async heal(): Promise<void> {
    for (const set of ["cut", "lossy", "deaf"]) await run("nft", ["flush", "set", "bridge", "faults", set]);
  }

  private async addElements(set: string, elements: readonly string[]): Promise<void> {
    await run("nft", ["add", "element", "bridge", "faults", set, `{ ${elements.join(", ")} }`]);
  }
}

/** Runs a program on a host of the network. */
export function onHost(host: string, ...command: string[]): Promise<string> {
  return run("ip", ["netns", "exec", host, ...command]);
}
