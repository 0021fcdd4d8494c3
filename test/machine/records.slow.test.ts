import { readFileSync } from "node:fs";
import type { DesiredRecord } from "../../contract/records";
import type { Machine } from "./fixtures/machine";
import { store } from "./fixtures/machines";
import { blank, declare, desired, five, running, three } from "./fixtures/newGeneration";

const known = (machine: Machine) =>
  (
    JSON.parse(readFileSync(machine.path("/var/lib/etcd-machine/desired.json"), "utf8")) as DesiredRecord
  ).members.map(({ name }) => name);

const put = (members: typeof five) =>
  store.values.set("/etcd/prod/desired", JSON.stringify(desired(undefined, members)));

test("a member that is left out knows it, though its own record went first", async () => {
  const member5 = running("member5", five);
  declare(undefined, five);
  put(three);
  store.values.delete("/etcd/prod/members/member5");
  expect(await member5.start("records")).toBe(0);
  expect(known(member5)).toEqual(three.map(({ name }) => name));
});

test("a member that is declared waits for its own record, and keeps what it knows", async () => {
  const member1 = running("member1", five);
  declare(undefined, five);
  put(three);
  store.values.delete("/etcd/prod/members/member1");
  expect(await member1.start("records")).toBe(1);
  expect(member1.log).toContain("waiting: /etcd/prod/members/member1 to be declared");
  expect(known(member1)).toEqual(five.map(({ name }) => name));
});

test("a machine that nobody declares has nothing to begin with", async () => {
  const member5 = blank("member5", five);
  member5.write("/var/lib/etcd-machine/member.json", "");
  put(three);
  store.values.delete("/etcd/prod/members/member5");
  expect(await member5.start("records")).toBe(1);
});
