import { decide } from "../../guard/decision";
import { boot, type Backup } from "../../guard/facts";
import type { BackupManifest } from "../../contract/records";
import { dead, machine, minute, now, reporting, said } from "./facts";
import { situation, verdict } from "./situation";

beforeEach(() => {
  declare("3.7.3");
  situation.evidence.backups = [backup()];
});

function declare(version: string): void {
  situation.declared.version = version;
}

/** All members run this version. */
function running(version: string): void {
  for (const { name } of situation.declared.members) reporting(situation, name, { etcdVersion: version });
}

function backup(changed: Partial<BackupManifest> = {}, age = 10 * minute): Backup {
  const time = new Date(now - age).toISOString();
  const manifest = { cluster: "prod", incarnation: "key", generation: 1, time, ...changed } as BackupManifest;
  return { manifest, modified: now - age, present: true };
}

test("the next minor may begin with every member healthy and a fresh backup", () => {
  expect(decide(situation)).toMatchObject({ kind: "allow", changes: true });
});

test.each<[string, string, RegExp]>([
  ["over two minors", "3.5.35", /runs 3\.5\.35, and 3\.7\.3 is declared/],
  ["from a patch that is too old for it", "3.6.10", /runs 3\.6\.10, and 3\.7\.3 is declared/],
])("%s it is refused at once, in a preview too", (_, from, reason) => {
  running(from);
  const refused = decide(situation);
  expect(refused).toMatchObject({ kind: "refuse", inPreview: true });
  expect(said(refused)).toMatch(reason);
});

test("one member from which no way leads there is enough to refuse it", () => {
  reporting(situation, "member4", { etcdVersion: "3.5.35" });
  expect(verdict()).toMatch(/^refuse: member4 runs 3\.5\.35/);
});

describe("another minor", () => {
  test("waits to begin while a member is ill, the first one itself included", () => {
    reporting(situation, "member1", { ready: false });
    expect(verdict()).toMatch(/^wait: member1: etcd is not ready there.*begins with every member healthy/);
  });

  test("waits while a log holds what 3.5 wrote, which 3.7 cannot read", () => {
    reporting(situation, "member4", { logOf35: true });
    expect(verdict()).toMatch(/^wait: member4: its log still holds what etcd 3\.5 wrote/);
    declare("3.6.17");
    expect(verdict()).toMatch(/^allow/);
  });

  test("goes on with the machine whose attachment this deployment let go", () => {
    situation.allowed = { boots: { member1: boot(machine("member1", 1)) }, changing: true };
    expect(verdict()).toMatch(/^allow: member1 is not healthy/);
    // In another deployment nothing of that is known.
    situation.allowed.changing = false;
    expect(verdict()).toMatch(/^wait: member1: this deployment has just taken i-member1 down/);
  });

  test("goes on, or back, past an ill member once one runs it", () => {
    reporting(situation, "member1", { etcdVersion: "3.7.3", ready: false });
    expect(verdict()).toMatch(/^allow/);
    declare("3.6.16");
    expect(verdict()).toMatch(/^allow/);
  });

  test("goes back from every member by one, with a word on how", () => {
    running("3.7.3");
    declare("3.6.16");
    const back = decide(situation);
    expect(back).toMatchObject({
      kind: "allow",
      warning: expect.stringContaining("downgrade enable 3.6") as string,
    });
  });
});

describe("a backup counts", () => {
  test.each<[string, () => Backup[]]>([
    ["not when there is none", () => []],
    ["not when it is older than backups.freshWithin", () => [backup({}, 61 * minute)]],
    ["not when it is dated in the future", () => [backup({}, -10 * minute)]],
    ["not when it is another cluster's", () => [backup({ cluster: "other" })]],
    ["not when it is another incarnation's", () => [backup({ incarnation: "earlier" })]],
    ["not when it is another generation's", () => [backup({ generation: 2 })]],
    ["not when its snapshot is gone", () => [{ ...backup(), present: false }]],
  ])("%s", (_, backups) => {
    situation.evidence.backups = backups();
    expect(verdict()).toMatch(/^refuse: .*no verified backup is younger than 60 minutes/);
  });

  test("not when it cannot be read: that may pass, or not", () => {
    situation.evidence.backups = { problem: "SlowDown", passing: true };
    expect(verdict()).toMatch(/^wait: .*its backups cannot be read: SlowDown/);
    situation.evidence.backups = { problem: "AccessDenied", passing: false };
    expect(verdict()).toMatch(/^refuse: .*its backups cannot be read: AccessDenied/);
  });

  test("not where the cluster declares no bucket", () => {
    situation.declared.backupFreshWithin = undefined;
    expect(verdict()).toMatch(/^refuse: .*no bucket for its backups is declared/);
  });

  test("for a whole roll, and for another patch as well", () => {
    declare("3.6.17");
    situation.evidence.backups = [];
    expect(verdict()).toMatch(/^refuse: .*no verified backup/);
    situation.allowed.changing = true;
    expect(verdict()).toMatch(/^allow/);
  });
});

test("the quorum is asked as ever", () => {
  declare("3.6.17");
  dead(situation, "member3");
  expect(verdict()).toMatch(/^wait: member3/);
});
