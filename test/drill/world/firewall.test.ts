import type { FirewallRule } from "../../../drill/world/estate";
import { firewallRules } from "../../../drill/world/firewall";

const groups = new Map([
  ["sg-members", ["10.0.1.11", "10.0.2.11"]],
  ["sg-api", ["10.0.9.9"]],
]);
const rule = (changed: Partial<FirewallRule>): FirewallRule => ({
  direction: "in",
  group: "sg-members",
  peer: "sg-api",
  fromPort: 2379,
  toPort: 2379,
  ...changed,
});

test("what a group takes is let through, everything else to it is dropped", () => {
  const rules = firewallRules([rule({})], groups);
  const [allow, drop] = [
    "ip daddr { 10.0.1.11, 10.0.2.11 } ip saddr { 10.0.9.9 } tcp dport 2379 return",
    "ip daddr { 10.0.1.11, 10.0.2.11 } drop",
  ];
  expect(rules.indexOf(allow)).toBeGreaterThan(0);
  expect(rules.indexOf(drop)).toBeGreaterThan(rules.indexOf(allow));
});

test("a range is itself, and ports may be several", () => {
  const rules = firewallRules(
    [rule({ direction: "out", peer: "10.0.0.0/8", fromPort: 1, toPort: 99 })],
    groups,
  );
  expect(rules).toContain("ip saddr { 10.0.1.11, 10.0.2.11 } ip daddr 10.0.0.0/8 tcp dport 1-99 return");
});

test("a peer without a host opens nothing, and the group stays closed", () => {
  const rules = firewallRules([rule({ peer: "sg-nobody" })], groups);
  expect(rules).not.toContain("return");
  expect(rules).toContain("ip daddr { 10.0.1.11, 10.0.2.11 } drop");
});

test("a group without rules is free", () => {
  expect(firewallRules([], groups)).not.toContain("drop");
});
