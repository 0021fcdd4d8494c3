import { desiredRecord } from "../../contract/records";
import { until } from "../../rehearse/until";
import { declaration, specOf } from "../fixtures/declarations";
import { incarnation, Machine, type Listed } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const spec = specOf({ ...declaration("prod"), members: declaration("prod").members.slice(0, 3) });
const listed: Listed[] = spec.members.map(({ name, address }, index) => ({
  id: `a${index + 1}`,
  name,
  address,
}));
const own = "https://10.0.1.11:2379";
const restarted = "systemctl restart --no-block etcd.service";

let machine: Machine;

beforeEach(() => {
  machine = new Machine("member1", store, spec);
  machines.push(machine);
  machine.mark({}, true);
  leader("member2");
  machine.clusterIs(listed);
  for (const use of ["peer", "client"]) machine.write(`/run/etcd/loaded/${use}-ca.crt`, `first ${use} CA\n`);
  // What systemd starts then reads the CAs that lie there.
  machine.pretend(
    "systemctl",
    [
      'echo "systemctl $*" >>"$ETCD_CLUSTER/calls"',
      'case "$*" in restart*) cp "$ETCD_MACHINE_ROOT"/etc/etcd/pki/*-ca.crt "$ETCD_MACHINE_ROOT/run/etcd/loaded" ;; esac',
    ].join("\n"),
  );
});

function leader(name: string): void {
  const statuses = listed.map((each, index) => ({
    Endpoint: `https://${each.address}:2379`,
    Status: {
      header: { member_id: index + 1 },
      leader: listed.findIndex((other) => other.name === name) + 1,
    },
  }));
  machine.write("/cluster/statuses.json", JSON.stringify(statuses));
}

/** Another CA is trusted beside the first, as `certificates` puts it in place. */
function trustAnother(use: "peer" | "client"): void {
  machine.write(`/etc/etcd/pki/${use}-ca.crt`, `first ${use} CA\nsecond ${use} CA\n`);
}

test("leaves an etcd alone that trusts what lies there, and one that does not run", async () => {
  expect(await machine.start("restart")).toBe(0);
  trustAnother("peer");
  machine.write("/run/etcd/loaded/peer-ca.crt", "first peer CA\nsecond peer CA\n");
  expect(await machine.start("restart")).toBe(0);
  expect(machine.calls).toEqual([]);
});

test.each(["peer", "client"] as const)("restarts etcd for another %s CA, under a lock", async (use) => {
  trustAnother(use);
  expect(await machine.start("restart")).toBe(0);
  expect(machine.calls).toEqual(["lock", restarted]);
  expect(await machine.start("restart")).toBe(0);
  expect(machine.calls).toEqual(["lock", restarted]);
});

test("a leader hands its leadership over first, and stays where it cannot", async () => {
  leader("member1");
  trustAnother("client");
  machine.clusterRefuses("move-leader");
  expect(await machine.start("restart")).toBe(1);
  expect(machine.log).toContain(`waiting: ${own} to hand its leadership over`);
  expect(machine.calls).not.toContain(restarted);
  machine.clusterAllows("move-leader");
  expect(await machine.start("restart")).toBe(0);
  expect(machine.calls.slice(-2)).toEqual([`move-leader a2 at ${own}`, restarted]);
});

test.each<[string, Listed[] | undefined, string]>([
  [
    "one that does not answer",
    listed.map((each) => ({ ...each, up: each.name !== "member3" })),
    "waiting: member3 to answer before etcd restarts",
  ],
  [
    "a learner",
    listed.map((each) => ({ ...each, learner: each.name === "member3" })),
    "waiting: member3 to be a voter before etcd restarts",
  ],
  [
    "one that nobody declares and that does not answer",
    [...listed, { id: "b9", name: "member9", address: "10.0.3.99", up: false }],
    "waiting: member9 to answer before etcd restarts",
  ],
  [
    "one that is declared and not listed",
    listed.slice(0, 2),
    "waiting: https://10.0.3.11:2379 to be a member before etcd restarts",
  ],
  ["no quorum", undefined, "waiting: a quorum before etcd restarts"],
])("does not restart etcd beside %s, says so, and does once that is over", async (_, members, why) => {
  trustAnother("peer");
  machine.clusterIs(members);
  expect(await machine.start("restart")).toBe(1);
  expect(machine.log).toContain(why);
  expect(machine.calls).toEqual([]);
  machine.clusterIs(listed);
  expect(await machine.start("restart")).toBe(0);
  expect(machine.calls).toEqual(["lock", restarted]);
});

test("looks again once it has the lock", async () => {
  trustAnother("peer");
  machine.clusterIs(listed.map((each) => ({ ...each, up: each.name !== "member3" })));
  expect(await machine.start("restart", {}, ["locked"])).toBe(1);
  expect(machine.calls).toEqual([]);
});

test("leaves it to a newer generation that is on its way", async () => {
  trustAnother("peer");
  const restore = { snapshot: "latest", generation: 2 };
  machine.declare(desiredRecord(specOf({ ...declaration("prod"), restore }), incarnation, "backups"));
  expect(await machine.start("restart")).toBe(1);
  expect(machine.log).toContain("waiting: generation 2 to begin before etcd restarts");
  expect(machine.calls).toEqual([]);
});

test("keeps the lock until etcd answers again, and says so if it does not", async () => {
  trustAnother("peer");
  machine.pretend(
    "systemctl",
    'echo "systemctl $*" >>"$ETCD_CLUSTER/calls"; rm -rf "$ETCD_MACHINE_ROOT/run/etcd/loaded"; sed -i "s/ up$/ down/" "$ETCD_CLUSTER/members"',
  );
  expect(await machine.start("restart", { RESTART_PATIENCE: "2" })).toBe(1);
  expect(machine.log).toContain("waiting: etcd to answer again after its restart for other CAs");
  expect(machine.calls).toEqual(["lock", restarted]);
});

test("is started for as long as it is owed, while etcd runs", async () => {
  const started = "systemctl start --no-block etcd-restart.service";
  void machine.start("watch", { WATCH_INTERVAL: "300" });
  trustAnother("peer");
  expect(machine.calls).not.toContain(started);
  machine.write("/run/etcd/flags", "");
  await until(
    () => `two starts, not ${machine.calls.join(", ")}; ${machine.log}`,
    () => Promise.resolve(machine.calls.filter((call) => call === started).length >= 2),
  );
});
