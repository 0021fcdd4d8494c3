import type { Report } from "../../../guard/facts";
import type { Declaration } from "../../../operate/verify/declaration";
import type { Evidence } from "../../../operate/verify/evidence";
import { before, causesOf, day, report, wellCluster } from "./cluster";

/** Each test breaks one thing. */
let declaration: Declaration;
let evidence: Evidence;
beforeEach(() => ({ declaration, evidence } = wellCluster()));

const causes = () => causesOf(declaration, evidence);

/** The last word of a member is this one; of nobody, that it said nothing. */
function said(member: string, last?: Report): void {
  const others = evidence.reports.filter(({ status }) => status.member !== member);
  evidence.reports = last ? [...others, last] : others;
}

const status = (member: string) => reportOf(member).status;
const reportOf = (member: string) => evidence.reports.find((each) => each.status.member === member)!;
const machine = (member: string) => evidence.machines.find((each) => each.member === member)!;

test.each<[string, () => void, string[]]>([
  [
    "a member that never reported",
    () => said("member2"),
    ["member member2: has not reported yet: its machine i-000000000000000a1 was started 24 h ago"],
  ],
  [
    "a member that fell silent, whatever it said last",
    () => said("member2", report("member2", 1, 121)),
    ["member member2: last heard of 2 min ago: its machine is down or does not reach AWS"],
  ],
  [
    "a member whose machine is gone",
    () => (evidence.machines = evidence.machines.filter(({ member }) => member !== "member2")),
    ["member member2: has no machine, last heard of 12 s ago"],
  ],
  [
    "a member whose machine is stopped",
    () => (machine("member2").state = "stopped"),
    ["member member2: its machine i-000000000000000a1 is stopped"],
  ],
  [
    "a member with two machines",
    () => (evidence.machines = [...evidence.machines, { ...machine("member2"), instance: "i-twin" }]),
    ["member member2: i-000000000000000a1 and i-twin both carry its tags"],
  ],
  [
    "a member of whose new machine nothing is known yet",
    () => (machine("member2").instance = "i-new"),
    [
      "member member2: its machine is i-new, last heard of is i-000000000000000a1: the new one has not reported yet",
    ],
  ],
  [
    "a member of whose machine's new start nothing is known yet",
    () => (machine("member2").launched = before(6).getTime()),
    ["member member2: last heard of 12 s ago, before i-000000000000000a1 was started again"],
  ],
  [
    "a member whose clock is off",
    () => (status("member2").time = before(112).toISOString()),
    [
      "member member2: its report says 2026-11-24T21:58:08.000Z, which AWS received at 2026-11-24T21:59:48Z: its clock is more than 60 s off, or the report is a copy",
    ],
  ],
  [
    "a member whose record breaks its schema, by its key",
    () => {
      said("member2");
      evidence.broken = [{ status: "member2", problem: '/…/status/member2: "{" is no JSON' }];
    },
    ['member member2: its status record counts for nothing: /…/status/member2: "{" is no JSON'],
  ],
  [
    "etcd that waits to join",
    () =>
      Object.assign(status("member2"), {
        ...{ etcd: "activating", ready: false, version: "", id: "", voter: false, generation: 0 },
        message: "waiting: a quorum of the other members; an empty disk founds no cluster",
      }),
    [
      "member member2: etcd.service is activating: waiting: a quorum of the other members; an empty disk founds no cluster",
    ],
  ],
  [
    "a member that is not ready",
    () => Object.assign(status("member2"), { ready: false, version: "", message: "" }),
    ["member member2: etcd is not ready"],
  ],
  ["a learner", () => (status("member2").voter = false), ["member member2: a learner still"]],
  [
    "a member that the cluster does not list",
    () => Object.assign(status("member2"), { id: "", voter: false, message: "joins afresh" }),
    ["member member2: the cluster does not list it: joins afresh"],
  ],
  [
    "another version",
    () => (status("member2").etcdVersion = "3.5.35"),
    ["member member2: runs etcd 3.5.35, declared is 3.6.16"],
  ],
  [
    "another generation and another version at once: both are named",
    () => Object.assign(status("member2"), { etcdVersion: "3.5.35", generation: 3 }),
    [
      "member member2: runs etcd 3.5.35, declared is 3.6.16",
      "member member2: holds generation 3, declared is 1",
    ],
  ],
  [
    "two members of one id",
    () => (status("member2").id = status("member1").id),
    [
      "member member1: member id 8e9e05c521646940 is member2's too",
      "member member2: member id 8e9e05c521646940 is member1's too",
    ],
  ],
  [
    "a member that is not declared and reports",
    () => said("member9", report("member9", 9, 1)),
    ["member member9: is not declared, and reports still"],
  ],
  [
    "a record of a member that is not declared, and is none",
    () => (evidence.broken = [{ status: "member9", problem: "/…/status/member9: id is missing" }]),
    ["member member9: is not declared, and has a status record: /…/status/member9: id is missing"],
  ],
])("names %s", (_, change, expected) => {
  change();
  expect(causes()).toEqual(expected);
});

test("a removed member's last words count for nothing", () => {
  said("member9", report("member9", 9, day));
  expect(causes()).toEqual([]);
});
