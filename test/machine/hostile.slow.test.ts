import { existsSync, readFileSync } from "node:fs";
import { desiredRecord } from "../../contract/records";
import { until } from "../../rehearse/until";
import { declaration, specOf } from "../fixtures/declarations";
import { samples } from "../contract/samples";
import { manifestOf, putBackup } from "./fixtures/backups";
import { foundingOf, incarnation, Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

jest.setTimeout(600_000);

const [, generationSample] = samples.generation;
const parameters = "/etcd/prod";
const generation = `${parameters}/incarnations/${incarnation}/generations/2`;
const own = "https://10.0.1.11:2379";
const snapshot = Buffer.alloc(4096, 7);
const time = "20260101T000000Z";

let member1: Machine;
let pwned: string;
let bombs: unknown[];

beforeEach(() => {
  const spec = specOf({ ...declaration("prod"), backups: { interval: 60, retention: 30 } });
  member1 = new Machine("member1", store, spec);
  machines.push(member1);
  member1.clusterIs(spec.members.map(({ name, address }, index) => ({ id: `a${index + 1}`, name, address })));
  member1.mark({}, true);
  member1.write("/run/etcd/flags", "--data-dir=generation1\n");
  pwned = member1.path("/pwned");
  bombs = [
    `a[$(touch ${pwned})0]`,
    `x"; $(touch ${pwned}); #`,
    `1\n../../../../..${pwned}`,
    `--output=${pwned}`,
    "\u001b[2J\u202e",
    1e308,
    -1,
    null,
    { a: [`$(touch ${pwned})`] },
  ];
});

/** Whatever became of it: nothing ran, nothing was written where it does not belong, and it can be tried again. */
async function survives(program: string, args: string[] = []): Promise<void> {
  const code = await member1.start(program, {}, args);
  const files = ["/pwned", "/var/lib/pwned", "/run/pwned"].filter((file) => member1.has(file));
  expect({ program, code: [0, 1, 3, 5].includes(code!), files }).toEqual({ program, code: true, files: [] });
  // Each line of its log is one object, however hostile what it tells of.
  for (const line of member1.log.split("\n").filter((each) => each.startsWith("{")))
    expect((JSON.parse(line) as { msg: string }).msg).toMatch(/^[ -~]*$/);
}

/** The record with one field, at any depth, replaced. */
function* planted(record: object, path = ""): Generator<[string, (bomb: unknown) => object]> {
  for (const [key, value] of Object.entries(record) as [string, unknown][]) {
    const put = (bomb: unknown): object =>
      Array.isArray(record)
        ? record.map((each: unknown, index) => (String(index) === key ? bomb : each))
        : { ...record, [key]: bomb };
    yield [`${path}${key}`, put];
    if (typeof value === "object" && value !== null)
      for (const [below, within] of planted(value, `${path}${key}.`))
        yield [below, (bomb) => put(within(bomb))];
  }
}

const pretty = (record: object) => JSON.stringify(record, null, 2);

/** What is declared, with every field that there may be. */
function declared(): object {
  const restore = { snapshot: "latest", generation: 2, connectedClients: "refuse" as const };
  return desiredRecord({ ...member1.spec, restore }, incarnation, store.bucket.name);
}

const manifest = () => manifestOf(time, snapshot);

describe("a hostile value", () => {
  test("in what is declared is named, and what was read before stays", async () => {
    const kept = member1.path("/var/lib/etcd-machine/desired.json");
    const before = readFileSync(kept, "utf8");
    for (const [field, put] of planted(declared())) {
      for (const bomb of bombs.slice(0, 1)) {
        store.values.set(`${parameters}/desired`, JSON.stringify(put(bomb)));
        member1.log = "";
        await survives("records");
        expect(`${field} ${readFileSync(kept, "utf8")}`).toBe(`${field} ${before}`);
        expect(member1.log).toContain(
          `waiting: ${parameters}/desired to be put right: ${field.split(".")[0]}`,
        );
      }
    }
  });

  test("in the member's own record is named, and what was read before stays", async () => {
    const kept = member1.path("/var/lib/etcd-machine/member.json");
    const before = readFileSync(kept, "utf8");
    for (const [field, put] of planted(samples.member[1])) {
      for (const bomb of [bombs[0], bombs[7]]) {
        store.values.set(`${parameters}/members/member1`, JSON.stringify(put(bomb)));
        await survives("records");
        if (field !== "version") expect(readFileSync(kept, "utf8")).toBe(before);
      }
    }
  });

  test("in a generation's record is named, and nothing begins (T1)", async () => {
    member1.declare(declared() as never);
    for (const [field, put] of planted(generationSample)) {
      for (const bomb of bombs.slice(0, 1)) {
        store.values.set(generation, JSON.stringify(put(bomb)));
        member1.log = "";
        await survives("generation");
        expect(member1.log).toContain(`${generation} to be put right: ${field.split(".")[0]}`);
        expect(member1.has("/run/etcd/generation.json")).toBe(false);
      }
    }
  });

  test("in what is declared of a generation is named, and nothing begins", async () => {
    member1.declare(declared() as never);
    store.values.set(generation, JSON.stringify(generationSample));
    const name = `${parameters}/founding/2`;
    for (const [field, put] of planted(samples.founding[1])) {
      store.values.set(name, JSON.stringify(put(bombs[0])));
      member1.log = "";
      await survives("generation");
      expect(member1.log).toContain(`${name} to be put right: ${field.split(".")[0]}`);
      expect(member1.has("/run/etcd/generation.json")).toBe(false);
    }
  });

  test("in what was read of a generation runs nothing, whoever wrote the file", async () => {
    member1.declare(declared() as never);
    const read = { ...generationSample, generation: 2, started: false };
    for (const [, put] of planted(read)) {
      for (const bomb of bombs.slice(0, 1)) {
        member1.write("/run/etcd/generation.json", pretty(put(bomb)));
        await survives("restore");
      }
    }
  });

  test("in a manifest passes the snapshot over (T2)", async () => {
    member1.declare(declared() as never);
    for (const [field, put] of planted(manifest())) {
      for (const bomb of bombs.slice(0, 1)) {
        putBackup(time, snapshot, put(bomb));
        member1.log = "";
        await survives("snapshot", ["latest"]);
        expect(`${field} ${member1.log}`).toContain(`manifests/${time}.json is passed over: ${field}`);
      }
    }
  });

  test.each(["backup", "generation", "metrics", "old-data", "started"])(
    "in a file that %s reads runs nothing",
    async (program) => {
      const mark = {
        cluster: "prod",
        member: "member1",
        volume: "vol-0123456789abcdef0",
        incarnation,
        generation: 1,
      };
      for (const [, put] of planted(declared()))
        for (const bomb of bombs.slice(0, 1)) {
          member1.write("/var/lib/etcd-machine/desired.json", pretty(put(bomb)));
          await survives(program);
        }
      member1.declare(declared() as never);
      for (const [, put] of planted({ ...mark, state: "running" })) {
        member1.write("/var/lib/etcd/identity.json", pretty(put(bombs[0])));
        await survives(program);
      }
      member1.mark({}, true);
      for (const file of ["tried", "asked", "facts", "metadata-token", "message", "records", "failed"])
        for (const bomb of [`${String(bombs[0])} 0`, `x"\noutput = "${pwned}"`]) {
          member1.write(`/run/etcd/${file}`, `${bomb}\n`);
          await survives(program);
        }
    },
  );

  test("in a file of another user's leaves a backup owed (T11)", async () => {
    for (const file of ["tried", "asked"])
      member1.write(`/run/etcd/${file}`, `SECONDS[$(touch ${pwned})0] 0\n`);
    void member1.start("watch", { WATCH_INTERVAL: "200" });
    await until(
      () => `a backup; ${member1.log}`,
      () => Promise.resolve(member1.calls.includes("systemctl start --no-block etcd-backup.service")),
    );
    expect(existsSync(pwned)).toBe(false);
  });

  test("that an operator is made to ask with counts as not asked", async () => {
    const request = `${parameters}/incarnations/${incarnation}/requests/backup`;
    for (const bomb of [
      String(bombs[0]),
      "tomorrow",
      "@99999999999",
      "-f/etc/passwd",
      "2026-13-01T00:00:00Z",
    ]) {
      store.values.set(request, bomb);
      await survives("records");
      expect(member1.log).toContain(`${request} \\"${bomb.slice(0, 80)}`);
      expect(readFileSync(member1.path("/run/etcd/asked"), "utf8").trim()).toBe("");
    }
  });

  test.each(["region", "domain", "security-credentials/", "security-credentials/role", "instance-id"])(
    "in the metadata's %s is not used",
    async (path) => {
      store.says = { path, text: `x"\noutput = "${pwned}"\nurl = "file:///etc/passwd` };
      await survives("records");
      await survives("backup");
      expect(store.written).toEqual([]);
    },
  );

  test("in what etcd says of itself is not reckoned with", async () => {
    for (const bomb of [bombs[0], bombs[2], bombs[5], bombs[6]])
      for (const Status of [
        { version: "3.6.16", dbSize: bomb },
        { version: bomb, dbSize: 1 },
        { version: "3.6.16", dbSize: 1, header: { revision: bomb } },
        { version: "3.6.16", dbSize: 1, storageVersion: bomb },
      ]) {
        member1.write("/cluster/statuses.json", JSON.stringify([{ Endpoint: own, Status }]));
        for (const program of ["metrics", "space"]) await survives(program);
      }
    expect(member1.calls.filter((call) => /compaction (?!0 at)/.test(call))).toEqual([]);
  });

  test("in the list of members removes nobody and adds no flag", async () => {
    member1.mark({}, false);
    const first = `${parameters}/incarnations/${incarnation}/generations/1`;
    const founding = foundingOf(desiredRecord(member1.spec, incarnation));
    store.values.set(first, JSON.stringify({ ...founding, createdBy: "member1" }));
    for (const name of ["member1", "member2"])
      store.values.set(`${first}/started/${name}`, "2026-01-01T00:00:00Z");
    await survives("records");
    await survives("generation");
    const member = {
      ID: 161,
      name: "member2",
      peerURLs: ["https://10.0.2.11:2380"],
      clientURLs: ["https://10.0.2.11:2379"],
    };
    for (const [field, put] of planted(member)) {
      if (field === "ID") continue;
      for (const bomb of [bombs[0], bombs[2], "member1\n99 member5 10.0.1.11 - false"]) {
        member1.write("/cluster/list.json", JSON.stringify({ members: [put(bomb)] }));
        await survives("learn");
      }
    }
    expect(member1.calls.filter((call) => call.startsWith("remove"))).toEqual([]);
    for (const bomb of bombs.slice(0, 4)) {
      member1.write("/cluster/added", `ETCD_INITIAL_CLUSTER="${String(bomb)}"\n`);
      await survives("learn");
    }
    expect(readFileSync(member1.path("/run/etcd/peers"), "utf8")).toMatch(
      /^--initial-cluster=[a-z0-9=:/.,]+\n$/,
    );
  });

  test("in a lease's key deletes nothing else after a restore", async () => {
    member1.write("/var/lib/etcd/restored", "100\n");
    const key = (text: string) => Buffer.from(text).toString("base64");
    const kvs = [
      { key: key("/registry/masterleases/10.0.9.9"), mod_revision: 3 },
      { key: key('/registry/masterleases/x") = "3"\n\ndel /registry --prefix\n'), mod_revision: 3 },
    ];
    member1.write("/cluster/leases.json", JSON.stringify({ kvs }));
    await survives("prune");
    const sent = readFileSync(member1.path("/cluster/transactions"), "utf8");
    expect(sent.match(/^del .*/gm)).toEqual(["del /registry/masterleases/10.0.9.9"]);
  });

  test("in a manifest, or too much of it, stands for no backup", async () => {
    member1.now = Date.UTC(2026, 0, 1, 0, 10) / 1000;
    member1.write("/proc/uptime", "5000.00 1.00\n");
    const planteds = [...planted(manifest())].map(([field, put]) => [field, JSON.stringify(put(bombs[0]))]);
    const forged = [
      ...planteds,
      ["", "{}"],
      ["", JSON.stringify({ ...manifest(), snapshot: "snapshots/b.db" })],
    ];
    for (const [field, text] of [...forged, ["", " ".repeat(70_000)]] as [string, string][]) {
      store.bucket.objects.set(`snapshots/${time}.db`, snapshot);
      store.bucket.objects.set(`manifests/${time}.json`, Buffer.from(text));
      member1.log = "";
      store.metrics.length = 0;
      await survives("metrics");
      expect(`${field} ${member1.log}`).toContain(`manifests/${time}.json is passed over: ${field}`);
      expect(store.metrics).toContainEqual(expect.objectContaining({ name: "BackupAge", value: 5000 }));
    }
    store.bucket.failures = { manifests: { status: 403, code: "AccessDenied" } };
    store.metrics.length = 0;
    await survives("metrics");
    expect(store.metrics.map(({ name }) => name)).not.toContain("BackupAge");
  });

  test("as a key of the bucket stands for no backup", async () => {
    for (const name of ["$(touch pwned)", "99999999T999999Z", "20990101T000000Z", "../x", "a b", "z[$(id)]"])
      store.bucket.objects.set(`manifests/${name}.json`, Buffer.from("{}"));
    member1.write("/proc/uptime", "5000.00 1.00\n");
    await survives("metrics");
    const age = store.metrics.find((each) => each.name === "BackupAge");
    expect(age?.value).toBeGreaterThan(0);
    void member1.start("watch", { WATCH_INTERVAL: "200" });
    await until(
      () => `a backup; ${member1.log}`,
      () => Promise.resolve(member1.calls.some((call) => call.includes("etcd-backup"))),
    );
  });
});
