import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundle, machinePrograms, partName } from "../../machine/bundle";
import { root } from "../fixtures/declarations";
import { Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const { sha256, parts } = bundle();
const path = `/etcd/prod/bundles/${sha256}`;
const stub = join(root, "machine", "stub", "install");

let machine: Machine;
beforeEach(() => {
  machine = new Machine("member1", store);
  machines.push(machine);
  machine.pretend("systemd-sysusers", "");
  machine.write("/usr/local/lib/.keep", "");
  // In another order than their own, as Parameter Store promises none.
  for (const [index, part] of [...parts.entries()].reverse())
    store.values.set(`${path}/${partName(index)}`, part);
});

const once = () => machine.run(stub, {}, ["once"]);
const programs = () => machine.path("/usr/local/lib/etcd");
const isInstalled = () => existsSync(programs());
/** What lies beside the programs: nothing half-made. */
const leftovers = () =>
  readdirSync(machine.path("/usr/local/lib")).filter(
    (name) => !["etcd", `etcd.${sha256}`, ".keep"].includes(name),
  );

test("programs and units are put in place as they are, and etcd is started", async () => {
  expect(await once()).toBe(0);
  for (const { path: file, content, mode } of machinePrograms()) {
    expect(readFileSync(join(programs(), file), "utf8")).toBe(content);
    expect(statSync(join(programs(), file)).mode & 0o777).toBe(mode);
  }
  const units = readdirSync(join(root, "machine", "units")).filter((name) => /\.(service|timer)$/.test(name));
  const installed = readdirSync(machine.path("/etc/systemd/system")).filter(
    (name) => name !== "etcd-install.service",
  );
  const services = units.filter((name) => name.endsWith(".service"));
  expect(installed).toEqual([...units, ...services.map((name) => `${name}.d`)].sort());
  for (const name of services)
    expect(existsSync(machine.path(`/etc/systemd/system/${name}.d/hardened.conf`))).toBe(true);
  expect(existsSync(machine.path("/etc/sysusers.d/etcd.conf"))).toBe(true);
  for (const command of ["bin/etcdctl", "sbin/etcd-space", "sbin/etcd-old-data"])
    expect(existsSync(machine.path(`/usr/local/${command}`))).toBe(true);
  expect(machine.calls).toEqual([
    "systemctl enable --now --no-block etcd.service etcd-refresh.timer",
    "systemctl disable etcd-install.service",
  ]);
  expect(leftovers()).toEqual([]);
});

test("answers in pages are followed to their end", async () => {
  store.page = 3;
  expect(await once()).toBe(0);
  expect(lstatSync(programs()).isSymbolicLink()).toBe(true);
});

test("once they are there, nothing outside the machine is needed", async () => {
  await once();
  // As after a power cut before systemd was told: the unit runs again.
  store.values.clear();
  store.failure = { status: 503, type: "ServiceUnavailable" };
  expect(await once()).toBe(0);
  expect(machine.calls).toHaveLength(4);
});

test.each([
  ["a program that was changed", () => store.values.set(`${path}/02`, parts[1]!.replace(/.$/, "A"))],
  ["a part that is missing", () => store.values.delete(`${path}/03`)],
  ["a part that is cut off", () => store.values.set(`${path}/04`, parts[3]!.slice(0, 1000))],
  ["a part that is no base64", () => store.values.set(`${path}/05`, "05:$(touch /tmp/x)")],
  ["no parts at all", () => store.values.clear()],
])("%s is refused aloud, and nothing of it is unpacked", async (_, change) => {
  change();
  expect(await once()).toBe(1);
  expect(machine.log).toMatch(new RegExp(`etcd-install: refused: ${path} has the SHA-256 [0-9a-f]{64}`));
  expect([isInstalled(), leftovers()]).toEqual([false, []]);
});

test("an AWS that refuses is told of in its own words", async () => {
  store.failure = { status: 400, type: "AccessDeniedException" };
  expect(await once()).toBe(1);
  expect(machine.log).toMatch(/etcd-install: waiting: Parameter Store to give .*AccessDeniedException/);
  expect(isInstalled()).toBe(false);
});

test("an AWS out of reach is told of, with what is waited for", async () => {
  // Nothing listens there.
  const away = { AWS_ENDPOINT_URL_SSM: "http://127.0.0.1:1" };
  expect(await machine.run(stub, away, ["once"])).toBe(1);
  expect(machine.log).toContain(`etcd-install: waiting: Parameter Store to give ${path}: no answer`);
  expect(isInstalled()).toBe(false);
});

test("what does not succeed is tried again until it does", async () => {
  store.failure = { status: 400, type: "ThrottlingException" };
  const ended = machine.run(stub);
  await machine.says("ThrottlingException");
  store.failure = undefined;
  expect(await ended).toBe(0);
  expect(isInstalled()).toBe(true);
});
