import type { FirewallRule } from "./estate";

/**
 * Security groups as nftables rules in a bridge, which tracks no connections. The first packet of a connection decides:
 * once by what its origin may open, and once by what its target accepts. A host without a group, or one whose groups
 * have no rules in a direction, is free in that direction.
 * @param groups addresses by security group
 */
export function firewallRules(
  rules: readonly FirewallRule[],
  groups: ReadonlyMap<string, readonly string[]>,
): string {
  const members = (group: string) => groups.get(group) ?? [];
  const side = (direction: "in" | "out", own: "saddr" | "daddr", other: "saddr" | "daddr"): string[] => {
    const judged = rules.filter((rule) => rule.direction === direction);
    const allowed = judged.flatMap(({ group, peer, fromPort, toPort }) => {
      const from = set(members(group));
      const to = peer.startsWith("sg-") ? set(members(peer)) : peer;
      if (from === undefined || to === undefined) return [];
      const ports = fromPort === toPort ? fromPort : `${fromPort}-${toPort}`;
      return `    ip ${own} ${from} ip ${other} ${to} tcp dport ${ports} return`;
    });
    const closed = [...new Set(judged.map(({ group }) => group))].flatMap((group) => {
      const own_ = set(members(group));
      return own_ === undefined ? [] : `    ip ${own} ${own_} drop`;
    });
    return [...allowed, ...closed];
  };
  return [
    "table bridge groups",
    "delete table bridge groups",
    "table bridge groups {",
    "  chain out {",
    ...side("out", "saddr", "daddr"),
    "  }",
    "  chain in {",
    ...side("in", "daddr", "saddr"),
    "  }",
    "  chain judge {",
    "    jump out",
    "    jump in",
    "  }",
    "  chain forward {",
    "    type filter hook forward priority 0; policy accept;",
    "    tcp flags & (syn | ack) == syn jump judge",
    "  }",
    "}",
    "",
  ].join("\n");
}

function set(addresses: readonly string[]): string | undefined {
  return addresses.length === 0 ? undefined : `{ ${addresses.join(", ")} }`;
}
