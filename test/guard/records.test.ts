import { decide } from "../../guard/decision";
import { recordsOf } from "../../guard/records";
import { known, now, said } from "./facts";

const path = "/etcd/prod/incarnations/key";
const written = new Date(now - 5_000);
const status = (member: string, changed: object = {}) => ({
  ...{ version: 1, instance: "i-0123456789abcdef0", member, id: "8e9e05c52164694d", voter: true, voters: 5 },
  ...{ etcd: "active", ready: true, etcdVersion: "3.6.16", logOf35: false, databaseSize: 100, generation: 1 },
  ...{ oldData: [], message: "", time: "2026-11-24T21:59:55Z", ...changed },
});
const read = (below: string, value: unknown) =>
  recordsOf(path, [
    { name: `${path}/${below}`, value: typeof value === "string" ? value : JSON.stringify(value), written },
  ]);

test("reports, marks and founders are read by their keys", () => {
  expect(read("status/member3", status("member3")).reports).toMatchObject([
    { status: { member: "member3", generation: 1 }, modified: written.getTime() },
  ]);
  expect(read("generations/2/started/member3", "2026-11-24T20:00:00Z").started).toEqual([
    { generation: 2, member: "member3" },
  ]);
  const members = [{ name: "member1", url: "https://10.0.1.11:2380" }];
  const founded = read("generations/2", { token: "t", members, createdBy: "member1" });
  expect(founded.founders).toEqual([{ generation: 2, member: "member1" }]);
  for (const other of ["requests/backup", "generations/2/verified/member1"])
    expect(read(other, "ready")).toEqual({ reports: [], started: [], founders: [], broken: [] });
});

describe("the declared generation's record", () => {
  const members = ["member1", "member2", "member3"].map((name, index) => ({
    name,
    url: `https://10.0.${index + 1}.11:2380`,
  }));
  const snapshot = "s3://backups/snapshots/20261124T220000Z.db";
  const founding = {
    generation: 2,
    bucket: "backups",
    record: { version: 1, token: "prod-2-nonce", members, snapshot },
  } as const;
  const restore = {
    ...{ bucket: "backups", key: "snapshots/20261124T220000Z.db", sha256: "0".repeat(64) },
    ...{ size: 1, revision: 1, etcdVersion: "3.6.16", bump: 1_000_000_000 },
  };
  const record = { version: 1, token: "prod-2-nonce", members, createdBy: "member3", restore };
  const readAll = (changed: object, started: string[]) =>
    recordsOf(
      path,
      [
        ["generations/2", JSON.stringify({ ...record, ...changed })],
        ...started.map((name) => [`generations/2/started/${name}`, "2026-11-24T20:00:00Z"]),
      ].map(([below, value]) => ({ name: `${path}/${below}`, value: value!, written })),
      founding,
    );

  test("counts where it follows from what is declared", () => {
    expect(readAll({}, [])).toMatchObject({ founders: { length: 3 }, broken: [] });
  });

  test.each([
    ["token", { token: "prod-2-guess" }],
    ["founders", { members: members.slice(2) }],
    ["snapshot", { restore: { ...restore, key: "snapshots/evil.db" } }],
    ["snapshot", { restore: undefined }],
  ])("names no founder where another %s stands in it, and is named", (what, changed) => {
    const { founders, broken } = readAll(changed, ["member3"]);
    expect(founders).toEqual([]);
    expect(broken).toEqual([
      {
        problem: expect.stringMatching(
          `^${path}/generations/2 does not follow from what is declared: ${what} `,
        ) as string,
      },
    ]);
  });

  test("counts, whatever it says, once a majority started in it", () => {
    const changed = { token: "prod-2-older" };
    expect(readAll(changed, ["member1", "member2"])).toMatchObject({ founders: { length: 3 }, broken: [] });
  });
});

describe("a status record that breaks its schema is no report, and is named by key and rule", () => {
  test.each<[string, unknown, RegExp]>([
    ["null", "null", /null must be of type object/],
    ["a number", "3", /3 must be of type object/],
    ["a text", '"x"', /must be of type object/],
    ["a list", "[]", /must be of type object/],
    ["no JSON", "{", /is no JSON/],
    ["nearly nothing", '{"member":"member3"}', /is missing/],
    ["a generation beyond all", status("member3", { generation: 1e308 }), /generation .*whole number/],
    ["a generation that is negative", status("member3", { generation: -1 }), /generation -1 /],
    ["a generation that is a text", status("member3", { generation: "2" }), /generation "2" /],
    ["more voters than etcd takes", status("member3", { voters: 1e9 }), /voters 1000000000 /],
    ["a message that is no text", status("member3", { message: {} }), /message .* must be of type string/],
    ["an id that is none", status("member3", { id: "../../" }), /id .* must be a member's id/],
    ["a time that is none", status("member3", { time: "soon" }), /time "soon" /],
    ["another member", status("member1"), /member member1 writes under another's name/],
  ])("%s", (_, value, rule) => {
    const { reports, broken } = read("status/member3", value);
    expect(reports).toEqual([]);
    expect(broken).toEqual([
      { status: "member3", problem: expect.stringMatching(`^${path}/status/member3: `) as string },
    ]);
    expect(broken[0]!.problem).toMatch(rule);
    const situation = known();
    const others = situation.evidence.reports.filter((each) => each.status.member !== "member3");
    situation.evidence = { ...situation.evidence, reports: others, broken };
    expect(said(decide(situation))).toContain(broken[0]!.problem);
  });
});

test.each(["null", '{"members":"abc"}', '{"members":[null]}', '{"members":{}}', "[]"])(
  "a generation record %s founds nothing and is named",
  (value) => {
    const { founders, broken } = read("generations/9", value);
    expect(founders).toEqual([]);
    expect(broken).toEqual([{ problem: expect.stringMatching(`^${path}/generations/9: `) as string }]);
  },
);

test("keys that nobody writes, as of a generation 1e308, are named", () => {
  for (const key of ["generations/1e308/started/member3", "generations/01", "status/\u001b[2J", "else"]) {
    const found = read(key, status("member3"));
    expect([found.reports, found.started, found.broken.length]).toEqual([[], [], 1]);
    // eslint-disable-next-line no-control-regex
    expect(found.broken[0]!.problem).not.toMatch(/[\u0000-\u001f]/);
  }
});

test("escape sequences of a machine's message reach nobody", () => {
  const message = "\u001b[2J\n::error::owned";
  const { reports } = read("status/member3", status("member3", { message }));
  expect(reports[0]!.status.message).toBe(" ::error::owned");
});
