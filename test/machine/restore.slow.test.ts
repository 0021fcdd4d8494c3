import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { desiredRecord } from "../../contract/records";
import { until } from "../../rehearse/until";
import { declaration } from "../fixtures/declarations";
import { version } from "./fixtures/bucket";
import { incarnation, type Machine } from "./fixtures/machine";
import { withEtcd } from "./fixtures/realEtcd";
import { machines, store } from "./fixtures/machines";
import {
  backup,
  dataOf,
  declare,
  etcd,
  generation,
  join_,
  listed,
  machine,
  marks,
  names,
  ready,
  record,
  restartAll,
  restoreAll,
  restarted,
  running,
  snapshot,
  spec,
  three,
  watch,
} from "./fixtures/restoring";

describe("a declared restore", () => {
  test("is prepared by every member while etcd runs, and begins only once all are ready", async () => {
    backup("20260301T000000Z");
    const [member1, member2, member3] = names.map(running) as [Machine, Machine, Machine];
    declare({});
    watch(member1);
    watch(member2);
    await member1.says(/waiting: (member2, )?member3 to have the snapshot restored/);
    await member2.says(/waiting: (member1, )?member3 to have the snapshot restored/);
    expect([restarted(member1), restarted(member2)]).toEqual([false, false]);
    watch(member3);
    expect(await restartAll()).toEqual([0, 0, 0]);
    expect([marks("verified"), marks("started")]).toEqual([names, names]);
    expect(record(2)).toMatchObject({
      members: three.map(({ name, address }) => ({ name, url: `https://${address}:2380` })),
      restore: {
        bucket: "backups",
        key: "snapshots/20260301T000000Z.db",
        versionId: version(snapshot),
        sha256: createHash("sha256").update(snapshot).digest("hex"),
        revision: 3,
        bump: 1_000_000_000,
      },
    });
    for (const each of machines) {
      expect(each.flags).toEqual([`--data-dir=${dataOf(each, 2)}`]);
      expect(each.marked).toMatchObject({ generation: 2, state: "founding" });
      // The old data stays, the snapshot does not.
      expect(each.has("/var/lib/etcd/generations/1/member/wal/0-0.wal")).toBe(true);
      expect(each.has("/var/lib/etcd/restore")).toBe(false);
    }
  });

  test("brings the keys back under one cluster's name, the revision raised and marked as compacted", async () => {
    backup("20260301T000000Z");
    names.forEach(running);
    declare({});
    const [member1] = machines as [Machine];
    expect(await restoreAll()).toEqual([0, 0, 0]);
    const data = dataOf(member1, 2);
    await withEtcd(
      etcd,
      (ctl) => {
        const { kvs, header } = JSON.parse(ctl("get", "/registry/a", "-w", "json")) as {
          kvs: { value: string }[];
          header: { revision: number };
        };
        expect(Buffer.from(kvs[0]!.value, "base64").toString()).toBe("old");
        expect(header.revision).toBe(1_000_000_003);
        expect(() => ctl("get", "/registry/a", "--rev=1000000002")).toThrow(
          /required revision has been compacted/,
        );
      },
      [`--data-dir=${data}`, "--name=member1", "--force-new-cluster"],
    );
  });

  test("does not begin while one member cannot have the snapshot", async () => {
    backup("20260301T000000Z");
    const [member1, member2, member3] = names.map(running) as [Machine, Machine, Machine];
    declare({});
    // One byte of it was altered on the way.
    member3.pretend("python3", `echo ${"0".repeat(64)}`);
    machines.forEach(watch);
    await member3.says(
      "waiting: s3://backups/snapshots/20260301T000000Z.db to have the SHA-256 of its record",
    );
    await member1.says("waiting: member3 to have the snapshot restored");
    await member2.says("waiting: member3 to have the snapshot restored");
    expect(machines.map(restarted)).toEqual([false, false, false]);
    rmSync(member3.path("/bin/python3"));
    expect(await restartAll()).toEqual([0, 0, 0]);
  });

  test("is ready while API servers run, and waits for them to be stopped, unless it is told to go on", async () => {
    backup("20260301T000000Z");
    const member1 = running("member1");
    member1.clients = ["10.0.9.9", "10.0.2.11", "10.0.1.11", "10.0.9.1"];
    declare({});
    watch(member1);
    await member1.says(
      /API servers to be stopped: clients are connected from (10.0.9.9 10.0.9.1|10.0.9.1 10.0.9.9) \(/,
    );
    expect(existsSync(`${dataOf(member1, 2)}.new/member/snap/db`)).toBe(true);
    expect(ready()).toEqual([]);
    declare({ connectedClients: "ignore" });
    await member1.says("waiting: member2, member3 to have the snapshot restored");
    member1.clients = [];
    const member2 = running("member2");
    declare({});
    member2.clients = ["10.0.1.11", "10.0.3.11"];
    watch(member2);
    await member2.says("waiting: member3 to have the snapshot restored");
  });

  test("is held up again by an API server that moves from one member to another", async () => {
    backup("20260301T000000Z");
    const [member1, member2, member3] = names.map(running) as [Machine, Machine, Machine];
    declare({});
    member3.clients = ["10.0.9.9"];
    machines.forEach(watch);
    await member1.says("waiting: member3 to have the snapshot restored and no clients");
    await member2.says("waiting: member3 to have the snapshot restored and no clients");
    member1.clients = ["10.0.9.9"];
    await until("member2 alone to be ready", () => Promise.resolve(ready().join() === "member2"), {
      within: 600_000,
    });
    member3.clients = [];
    await member3.says("waiting: member1 to have the snapshot restored and no clients");
    expect(machines.map(restarted)).toEqual([false, false, false]);
    member1.clients = [];
    expect(await restartAll()).toEqual([0, 0, 0]);
  });

  test("is refused for want of room, and etcd runs on", async () => {
    backup("20260301T000000Z");
    const member1 = running("member1");
    member1.pretend("df", "echo Avail; echo 1000000");
    declare({});
    watch(member1);
    await member1.says("refused: the restore needs 256 MiB on the data volume, which has 0 MiB free");
    expect([restarted(member1), marks("verified")]).toEqual([false, []]);
  });

  test("goes on after a power cut between the mark and the data's move", async () => {
    backup("20260301T000000Z");
    const [member1] = names.map(running) as [Machine];
    declare({});
    expect(await restoreAll()).toEqual([0, 0, 0]);
    const data = dataOf(member1, 2);
    execFileSync("mv", [data, `${data}.new`]);
    member1.write("/var/lib/etcd/generations/2.ready", record(2).token);
    expect(await member1.start("join")).toBe(0);
    expect(existsSync(join(data, "member", "wal"))).toBe(true);
    expect(marks("started")).toEqual(names);
  });
});

describe("generation 1 of a new cluster", () => {
  test("begins with a snapshot where that is declared", async () => {
    store.bucket.objects.set("kops/main", snapshot);
    names.forEach((name) => machine(name));
    // It was never declared before, without a snapshot.
    store.values.delete("/etcd/prod/founding/1");
    declare({ snapshot: "s3://backups/kops/main", generation: 1 });
    expect(await Promise.all(machines.map(join_))).toEqual([0, 0, 0]);
    for (const each of machines) expect(each.flags).toEqual([`--data-dir=${dataOf(each, 1)}`]);
    expect(machines[0]!.log).toContain("disk admitted");
  });
});

describe("a member of the old generation", () => {
  /** The others have begun generation 2. */
  async function begun(): Promise<Machine> {
    backup("20260301T000000Z");
    const [member1] = names.map(running) as [Machine];
    declare({});
    expect(await restoreAll()).toEqual([0, 0, 0]);
    rmSync(dataOf(member1, 2), { recursive: true });
    member1.write("/run/etcd/flags", "");
    store.values.delete(`${generation(2)}/started/member1`);
    return member1;
  }

  test("that missed the beginning restores what the others did, and never starts its old data", async () => {
    const member1 = await begun();
    member1.mark({}, true);
    // It has not heard of it before it boots.
    rmSync(member1.path("/run/etcd/records"));
    member1.write(
      "/var/lib/etcd-machine/desired.json",
      JSON.stringify(desiredRecord(spec, incarnation, store.bucket.name), null, 2),
    );
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toEqual([`--data-dir=${dataOf(member1, 2)}`]);
    expect(member1.calls).toEqual([]);
  });

  test("that the new generation does not name joins it", async () => {
    await begun();
    const newcomer = machine("member4", declaration("prod").members);
    newcomer.mark({}, true);
    newcomer.clusterIs(listed);
    declare({});
    expect(await newcomer.start("join")).toBe(0);
    expect(newcomer.calls).toEqual(["add member4 --learner --peer-urls=https://10.0.1.12:2380"]);
    expect(newcomer.flags).toContain("--initial-cluster-state=existing");
    expect(newcomer.marked).toMatchObject({ generation: 2, state: "running" });
  });

  test("whose disk was lost after the restore joins, and does not restore again", async () => {
    const member1 = await begun();
    store.values.set(`${generation(2)}/started/member1`, "2026-01-01T00:00:00Z");
    rmSync(member1.path("/var/lib/etcd"), { recursive: true });
    member1.write("/var/lib/etcd/empty", "");
    member1.clusterIs(listed);
    expect(await member1.start("join")).toBe(0);
    expect(member1.calls).toEqual(["remove a1", "add member1 --learner --peer-urls=https://10.0.1.11:2380"]);
  });

  test("on a copy of its volume restores too, as its data is not started", async () => {
    const member1 = await begun();
    member1.mark({ volume: "vol-0fedcba9876543210" }, true);
    expect(await member1.start("join")).toBe(0);
    expect(member1.flags).toEqual([`--data-dir=${dataOf(member1, 2)}`]);
  });

  test("that waits for a lost majority turns to the new generation", async () => {
    backup("20260301T000000Z");
    store.values.set(
      generation(1),
      JSON.stringify({
        token: "t",
        members: [{ name: "member1", url: "https://10.0.1.11:2380" }],
        createdBy: "member1",
      }),
    );
    store.values.set(`${generation(1)}/started/member1`, "2026-01-01T00:00:00Z");
    const member1 = machine("member1");
    const joined = member1.start("join");
    await member1.says("waiting: a quorum of the other members");
    declare({});
    expect(await joined).toBe(3);
    expect(member1.log).toContain("refused: generation 2 is declared by now");
  });
});

describe("after a restore", () => {
  const lease = (address: string, revision: number) => ({
    key: Buffer.from(`/registry/masterleases/${address}`).toString("base64"),
    mod_revision: revision,
  });

  test("the API servers' leases that came with the snapshot go, those written since stay", async () => {
    const member1 = running("member1");
    member1.write("/var/lib/etcd/restored", "41\n");
    const kvs = [lease("10.0.9.1", 41), lease("10.0.9.2", 1_000_000_050), lease("10.0.9.3", 7)];
    member1.write("/cluster/leases.json", JSON.stringify({ header: {}, kvs }));
    watch(member1);
    await member1.says("API servers can be started");
    const done = readFileSync(member1.path("/cluster/transactions"), "utf8");
    const one = (address: string, revision: number) =>
      `mod("/registry/masterleases/${address}") = "${revision}"\n\ndel /registry/masterleases/${address}\n\n\n`;
    expect(done).toBe(one("10.0.9.1", 41) + one("10.0.9.3", 7));
    expect(member1.has("/var/lib/etcd/restored")).toBe(false);
  });
});
