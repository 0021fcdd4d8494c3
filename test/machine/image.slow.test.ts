import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { machinePrograms } from "../../machine/bundle";
import { imagePrograms } from "../../spec/image";
import type { StatusRecord } from "../../contract/records";
import { declaration, root, specOf } from "../fixtures/declarations";
import { causesOf, wellCluster } from "../operate/verify/cluster";
import { incarnation, Machine } from "./fixtures/machine";
import { machines, store } from "./fixtures/machines";

const record = `/etcd/prod/incarnations/${incarnation}/status/member1`;
const stub = join(root, "machine", "stub", "install");

/** Commands of this computer, but for those that an image has only where a test says so. */
const commands = new Map(
  ["/bin", "/sbin", "/usr/bin", "/usr/sbin", ...(process.env.PATH ?? "").split(":").reverse()]
    .flatMap((directory) =>
      directory === "" ? [] : list(directory).map((name) => [name, join(directory, name)] as const),
    )
    .filter(([name]) => !["apt-get", "dnf"].includes(name)),
);

let machine: Machine;

function boot(install = false): void {
  const { machine: own, ...rest } = declaration("prod");
  machine = new Machine("member1", store, specOf({ ...rest, machine: { ...own, install } }));
  machines.push(machine);
  for (const { path, content } of machinePrograms()) machine.write(`/usr/local/lib/etcd/${path}`, content);
  spawnSync("chmod", ["-R", "+x", machine.path("/usr/local/lib/etcd")]);
  mkdirSync(machine.path("/image"));
  for (const [name, file] of commands) symlinkSync(file, machine.path(`/image/${name}`));
  // What is not on the computer that runs the tests.
  for (const each of imagePrograms.flatMap((row) => row.commands).map((each) => each.split("|")[0]!))
    if (!commands.has(each)) machine.pretend(each, "");
  machine.pretend("systemctl", "echo activating");
  // As at the first boot: nothing is known of the cluster.
  rmSync(machine.path("/var/lib/etcd-machine"), { recursive: true });
}

/** Takes commands off the image. */
function lacks(...names: string[]): void {
  for (const name of names)
    for (const each of ["image", "bin"]) rmSync(machine.path(`/${each}/${name}`), { force: true });
}

const environment = () => ({
  PATH: `${machine.path("/bin")}:${machine.path("/image")}`,
  STATUS_INTERVAL: "0",
});
const look = () => machine.run(machine.path("/usr/local/lib/etcd/image"), environment());
const status = () => JSON.parse(store.values.get(record) ?? "{}") as Partial<StatusRecord>;

test("an image that has all of it is taken without a word", async () => {
  boot();
  expect([await look(), machine.log, store.written]).toEqual([0, "", []]);
});

// Without the others, the programs cannot even write the record; what they are then told stands in the journal.
test.each([
  ["jq"],
  ["python3"],
  ["tar", "gzip"],
  ["blkid", "nsenter"],
  ["cmp", "getent", "awk"],
  ["mkfs.xfs or mkfs.ext4"],
  ["systemd-sysusers"],
])("an image without %s is refused, and the status record says so", async (...missing) => {
  boot();
  lacks(...missing.flatMap((each) => each.split(" or ")));
  expect(await look()).toBe(3);
  const [said, ...more] = store.written.map((name) => name === record);
  expect([said, more]).toEqual([true, []]);
  expect(status()).toMatchObject({ member: "member1", etcd: "activating", voter: false, generation: 0 });
  const lacking = /^refused: the machine image lacks (.*)$/.exec(status().message!)![1]!.split(", ");
  expect(lacking.sort()).toEqual(missing.sort());
});

test("a program that is too old is refused with its own version", async () => {
  boot();
  machine.pretend("python3", "echo Python 3.8.10");
  expect(await look()).toBe(3);
  expect(status().message).toBe("refused: the machine image lacks python3 3.9 or later (it has 3.8.10)");
});

test("verify shows what the image lacks", async () => {
  boot();
  lacks("jq");
  await look();
  const { declaration: declared, evidence } = wellCluster();
  const own = evidence.machines.find(({ member }) => member === "member1")!;
  const said = {
    ...(status() as StatusRecord),
    instance: own.instance,
    time: new Date(evidence.now).toISOString(),
  };
  evidence.reports = [
    ...evidence.reports.filter((each) => each.status.member !== "member1"),
    { status: said, modified: evidence.now },
  ];
  expect(causesOf(declared, evidence)).toContain(
    "member member1: etcd.service is activating: refused: the machine image lacks jq",
  );
});

test("what the record cannot take, the console has", async () => {
  boot();
  lacks("jq");
  machine.write("/dev/console", "");
  store.failure = { status: 400, type: "AccessDeniedException" };
  expect(await look()).toBe(3);
  expect(readFileSync(machine.path("/dev/console"), "utf8")).toBe(
    "etcd: refused: the machine image lacks jq\n",
  );
});

test("without a curl that signs, nothing is asked of AWS: the stub says so, which stands on the console", async () => {
  boot();
  machine.pretend("curl", "echo curl 7.81.0 libcurl/7.81.0");
  const once = () => machine.run(stub, environment(), ["once"]);
  expect(await once()).toBe(1);
  expect(machine.log).toBe(
    "etcd-install: refused: the machine image lacks curl 7.87 or later (it has 7.81.0)\n",
  );
  lacks("curl");
  machine.log = "";
  expect(await once()).toBe(1);
  expect(machine.log).toBe("etcd-install: refused: the machine image lacks curl 7.87 or later\n");
});

test("the stub asks for the curl that the table names", () => {
  const { least } = imagePrograms.find(({ commands: [command] }) => command === "curl")!;
  expect(readFileSync(stub, "utf8")).toContain(`lacks curl ${least} or later`);
});

describe("where packages may be installed", () => {
  /** A package manager that knows these packages alone. */
  const archive = (manager: "apt-get" | "dnf", ...packages: string[]) =>
    machine.pretend(
      manager,
      `echo "${manager} $*" >>"$ETCD_CLUSTER/calls"
for each; do
  case " ${packages.join(" ")} " in *" $each "*) ln -s "${commands.get("jq")}" "${machine.path("/bin/jq")}" && exit ;; esac
done
[ "$2" = update ] || { echo "E: no $each"; exit 100; }`,
    );

  test.each(["apt-get", "dnf"] as const)(
    "what is missing is installed by %s, and the machine goes on",
    async (manager) => {
      boot(true);
      lacks("jq");
      archive(manager, "jq");
      expect(await look()).toBe(0);
      expect(machine.log).toContain("the machine image lacked jq: installed");
      expect(machine.calls.at(-1)).toMatch(new RegExp(`^${manager} .*install.* jq$`));
      expect(await look()).toBe(0);
    },
  );

  test("a package that is not to be had is tried a few times, and its refusal is in the record", async () => {
    boot(true);
    lacks("jq");
    archive("apt-get");
    for (let time = 0; time < 7; time++) expect(await look()).toBe(3);
    expect(machine.calls.filter((call) => call.includes(" install "))).toHaveLength(5);
    expect(status().message).toBe(
      "refused: the machine image lacks jq, and it cannot be installed: E: no jq",
    );
  });

  test("nothing is installed where that is not declared", async () => {
    boot();
    lacks("jq");
    archive("apt-get", "jq");
    expect([await look(), machine.calls]).toEqual([3, []]);
  });

  test("the stub installs curl, without which it gets nothing else", async () => {
    boot(true);
    lacks("curl");
    machine.pretend("apt-get", `echo "apt-get $*" >>"$ETCD_CLUSTER/calls"`);
    await machine.run(stub, environment(), ["once"]);
    expect(machine.calls).toEqual(["apt-get -qq update", "apt-get -qq install curl"]);
  });
});

/** Names in a directory; none if it is not there. */
function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
