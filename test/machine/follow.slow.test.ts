import { rmSync } from "node:fs";
import { desiredRecord, type StatusRecord } from "../../contract/records";
import { until } from "../../rehearse/until";
import { declaration, specOf } from "../fixtures/declarations";
import { incarnation, Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const prod = declaration("prod").members;
const member6 = { name: "member6", subnet: "a", address: "10.0.1.13", replaces: { name: "member1" } };
const voters = prod.slice(1).map(({ name, address }, index) => ({ id: `a${index + 2}`, name, address }));
const own = { id: "b6", name: "member6", address: "10.0.1.13", learner: true };
const replaced = { id: "a1", name: "member1", address: "10.0.1.11" };

let machine: Machine;

beforeEach(() => {
  const spec = specOf({ ...declaration("prod"), members: [member6, ...prod.slice(1)] });
  machine = new Machine("member6", store, spec);
  machines.push(machine);
  machine.mark({ state: "running" }, true);
  machine.write("/etc/etcd/pki/server.key", "key");
  machine.write("/run/etcd/flags", "");
});

/** Waits until the cluster, or systemd, was asked for this. */
async function asked(...calls: string[]): Promise<void> {
  await until(
    () => `${calls.join(", ")}, not ${machine.calls.join(", ")}; ${machine.log}`,
    () => Promise.resolve(calls.every((call) => machine.calls.includes(call))),
  );
}

test("has a learner promoted, and only then removes the healthy member whose place it takes", async () => {
  machine.clusterRefuses("promote");
  machine.clusterIs([...voters, own, replaced]);
  machine.ready = true;
  void machine.start("follow");
  await asked("promote b6");
  expect(machine.calls).not.toContain("remove a1");
  machine.clusterAllows("promote");
  await asked("remove a1");
});

test("a voter that replaces nobody leaves a learner alone that has not told its name yet", async () => {
  machine.end();
  machine = new Machine("member2", store);
  machines.push(machine);
  machine.mark({ state: "running" }, true);
  machine.write("/etc/etcd/pki/server.key", "key");
  machine.write("/run/etcd/flags", "");
  machine.clusterIs([...voters, { id: "c1", name: "-", address: "10.0.1.11", learner: true }]);
  machine.ready = true;
  void machine.start("follow");
  // It acts on the list before it tells of it.
  const record = `/etcd/prod/incarnations/${incarnation}/status/member2`;
  await until(
    () => `status record; ${machine.log}`,
    () => Promise.resolve(store.values.has(record)),
  );
  expect(machine.calls).toEqual([]);
});

test("a learner that is not promoted in time is removed and joins afresh, its data put aside", async () => {
  machine.clusterRefuses("promote");
  machine.clusterIs([...voters, own]);
  void machine.start("follow", { LEARNER_TIMEOUT: "2" });
  await asked("remove b6", "systemctl stop etcd.service", "systemctl start --no-block etcd.service");
  expect(machine.has("/var/lib/etcd/generations/1")).toBe(false);
  expect(machine.has("/var/lib/etcd/generations/1.aside/member/wal/0-0.wal")).toBe(true);
});

test("a member that the cluster removed joins again while it is declared", async () => {
  machine.clusterIs(voters);
  void machine.start("follow");
  await machine.says("the cluster removed this member, which is still declared");
  await asked("systemctl stop etcd.service", "systemctl start --no-block etcd.service");
});

test("a member that the cluster removed and nobody declares is left alone", async () => {
  machine.declare(desiredRecord(specOf(declaration("prod")), incarnation));
  machine.clusterIs(voters);
  void machine.start("follow");
  await until("five looks at the list", () => Promise.resolve(machine.lists >= 7));
  expect(machine.calls).toEqual([]);
});

describe("with names instead of addresses", () => {
  /** A voter whose own name fails to resolve each time after the list's did. */
  function forgetful(): Machine {
    machine.end();
    machine = new Machine("member2", store, specOf({ ...declaration("prod"), discovery: "dns" }));
    machines.push(machine);
    machine.mark({ state: "running" }, true);
    machine.write("/etc/etcd/pki/server.key", "key");
    machine.write("/run/etcd/flags", "");
    machine.clusterIs(prod.map(({ name, address }, index) => ({ id: `a${index + 1}`, name, address })));
    machine.pretend("getent", 'case $2 in *.internal) exit 2 ;; esac; echo "$2 STREAM $2"');
    return machine;
  }

  test("a voter whose own does not resolve is not taken for one that the cluster removed", async () => {
    const voter = forgetful();
    void voter.start("follow");
    await until("seven looks at the list", () => Promise.resolve(voter.lists >= 7));
    expect(voter.calls).toEqual([]);
    expect(voter.has("/var/lib/etcd/generations/1")).toBe(true);
  });

  test("nor is one that does not list it while it is ready", async () => {
    const voter = forgetful();
    voter.pretend(
      "getent",
      'case $2 in *.internal) echo "10.9.9.9 STREAM $2" ;; *) echo "$2 STREAM $2" ;; esac',
    );
    voter.ready = true;
    void voter.start("follow");
    await until("seven looks at the list", () => Promise.resolve(voter.lists >= 7));
    expect(voter.calls).toEqual([]);
  });
});

test("data that was put aside before stays, and with three copies nothing more is", async () => {
  const generations = "/var/lib/etcd/generations";
  for (const copy of ["1.aside", "1.aside-2"]) machine.write(`${generations}/${copy}/kept`, copy);
  machine.clusterIs(voters);
  void machine.start("follow");
  await machine.says("its data is put aside");
  await until("third copy", () =>
    Promise.resolve(machine.has(`${generations}/1.aside-3/member/wal/0-0.wal`)),
  );
  machine.write(`${generations}/1/member/wal/0-0.wal`, "");
  await machine.says("3 copies lie in");
  const kept = ["1.aside/kept", "1.aside-2/kept", "1.aside-3/member/wal/0-0.wal", "1/member/wal/0-0.wal"];
  expect(kept.filter((path) => !machine.has(`${generations}/${path}`))).toEqual([]);
});

test("a member that the cluster removed while it restored joins afresh, and never founds again", async () => {
  machine.mark({ state: "founding" }, true);
  machine.write("/var/lib/etcd/restored", "7");
  machine.clusterIs(voters);
  void machine.start("follow", { LEARNER_TIMEOUT: "7" });
  await asked("systemctl stop etcd.service", "systemctl start --no-block etcd.service");
  expect(machine.lists).toBeGreaterThanOrEqual(7);
  expect(machine.marked).toMatchObject({ state: "running" });
});

test("leaves the mark of a volume to what starts etcd", async () => {
  machine.mark({ state: "founding" }, true);
  machine.clusterIs([...voters, { ...own, learner: false }]);
  void machine.start("follow");
  await until("three looks at the list", () => Promise.resolve(machine.lists >= 3));
  expect(machine.marked).toMatchObject({ state: "founding" });
});

test("tells before etcd starts what it waits for", async () => {
  rmSync(machine.path("/run/etcd/flags"));
  machine.write("/run/etcd/message", "waiting: its data volume");
  machine.clusterIs([...voters, own]);
  void machine.start("follow", { STATUS_INTERVAL: "1" });
  const record = `/etcd/prod/incarnations/${incarnation}/status/member6`;
  await until(
    () => `status record; ${machine.log}`,
    () => Promise.resolve(store.values.has(record)),
  );
  expect(JSON.parse(store.values.get(record)!)).toMatchObject({
    message: "waiting: its data volume",
    ready: false,
    voters: 0,
  });
  expect(machine.calls).toEqual([]);
});

test("tells for how long the log may hold what 3.5 wrote, which 3.7 cannot read", async () => {
  machine.clusterIs([...voters, { ...own, learner: false }]);
  machine.ready = true;
  const wal = "/var/lib/etcd/generations/1/member/wal/0-0.wal";
  machine.write(wal, "\0\0PUT\x12/0/members/8e9e05c52164694d/attributes\0\0");
  machine.write("/var/lib/etcd/generations/1/member/snap/1-1.snap", "of 3.5");
  void machine.start("follow");
  const record = `/etcd/prod/incarnations/${incarnation}/status/member6`;
  const tells = (logOf35: boolean) =>
    until(
      () => `logOf35: ${logOf35}; ${machine.log}`,
      () => {
        const status = JSON.parse(store.values.get(record) ?? "{}") as Partial<StatusRecord>;
        return Promise.resolve(status.logOf35 === logOf35);
      },
    );
  await tells(true);
  machine.write("/var/lib/etcd/generations/1/member/snap/1-2.snap", "of 3.6");
  await tells(false);
});

test("tells in the status record how it stands", async () => {
  machine.clusterIs([...voters, { ...own, learner: false }]);
  machine.ready = true;
  machine.write("/var/lib/etcd/generations/1.aside/member/wal/0-0.wal", "");
  void machine.start("follow");
  const record = `/etcd/prod/incarnations/${incarnation}/status/member6`;
  await until(
    () => `status record; ${machine.log}`,
    () => Promise.resolve(store.values.has(record)),
  );
  expect(JSON.parse(store.values.get(record)!)).toMatchObject({
    instance: "i-0123456789abcdef0",
    member: "member6",
    id: "b6",
    voter: true,
    voters: voters.length + 1,
    ready: true,
    etcdVersion: "3.6.16",
    logOf35: false,
    databaseSize: 3,
    generation: 1,
    oldData: ["1.aside"],
  });
});
