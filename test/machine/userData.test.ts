import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { bundle, machinePrograms, pack, unpack } from "../../machine/bundle";
import { imageTable } from "../../spec/image";
import { tar } from "../../machine/tar";
import { userData, userDataLimit } from "../../machine/userData";
import { declaration, root, specOf } from "../fixtures/declarations";

const spec = specOf(declaration("prod"));

test("a member's user data holds nothing of the other members", () => {
  for (const member of spec.members) {
    const text = userData(spec, member);
    const others = spec.members.filter((other) => other !== member);
    expect(others.filter(({ name, address }) => text.includes(name) || text.includes(`${address}:`))).toEqual(
      [],
    );
    expect(text).toContain(member.address);
  }
});

test("what moves leaves user data byte for byte the same", () => {
  const [member] = spec.members;
  const moving = fc.record({
    members: fc.constant(spec.members.slice(0, 3)),
    size: fc.constant(spec.size),
    deletionProtection: fc.boolean(),
    restore: fc.constant({ snapshot: "latest", generation: 2 }),
    backups: fc.record({ interval: fc.nat(), retention: fc.nat() }),
    admission: fc.record({ fsyncP99: fc.nat(), slowDisk: fc.constant("warn" as const) }),
    tags: fc.dictionary(fc.string(), fc.string()),
    apiServer: fc.constantFrom({ endpoints: "members" as const }, { endpoints: "loadBalancer" as const }),
  });
  const before = userData(spec, member!);
  fc.assert(
    fc.property(moving, (changes) => {
      expect(userData({ ...spec, ...changes }, member!)).toBe(before);
    }),
  );
});

test("it is cloud-config in plain text: who the machine is, etcd's flags, and what gets the programs", () => {
  const text = userData(spec, spec.members[0]!);
  expect(text.startsWith("#cloud-config\n")).toBe(true);
  const files = (parse(text) as { write_files: { path: string; content: string }[] }).write_files;
  expect(files.map(({ path }) => path)).toEqual([
    "/etc/etcd/identity.json",
    "/etc/etcd/flags",
    "/usr/local/sbin/etcd-install",
    "/etc/systemd/system/etcd-install.service",
  ]);
  expect(JSON.parse(files[0]!.content)).toMatchObject({ member: "member1", bundle: bundle().sha256 });
  expect(text).toMatch(/^ +--client-cert-auth=true$/m);
  expect(Buffer.byteLength(text)).toBeLessThan(6 * 1024);
});

test("it says that packages may be installed where they may, and nothing of it elsewhere", () => {
  const lines = (install: boolean) =>
    userData({ ...spec, machine: { ...spec.machine, install } }, spec.members[0]!).split("\n");
  const [without, within] = [lines(false), lines(true)];
  expect(within.filter((line) => !without.includes(line)).map((line) => line.trim())).toEqual([
    '"install": true,',
  ]);
  expect(without).toHaveLength(within.length - 1);
});

test("the longest names, both checksums and a long mirror are within 6 KB, too", () => {
  const hex = (bytes: number) => randomBytes(bytes).toString("hex");
  const name = `a${hex(9)}z`;
  const longest = specOf({
    ...declaration("prod"),
    discovery: "dns",
    cluster: `a${hex(9)}z`,
    checksums: { amd64: hex(32), arm64: hex(32) },
    mirror: `https://${hex(20)}.example/${hex(40)}`,
    machine: { ...declaration("prod").machine, install: true },
  });
  expect(Buffer.byteLength(userData(longest, { name, address: "10.100.200.250" }))).toBeLessThan(6 * 1024);
});

test("user data over EC2's limit is refused before anything is made", () => {
  const mirror = `https://mirror.example/${"a".repeat(userDataLimit)}`;
  expect(() => userData({ ...spec, mirror }, spec.members[0]!)).toThrow(
    /user data of member1 has \d+ bytes; EC2 takes 16384/,
  );
});

describe("the bundle", () => {
  test("holds every program and unit as it is in the repository, comments included", () => {
    const files = new Map(machinePrograms().map(({ path, content }) => [path, content]));
    const lying = (folder: string, prefix = "") =>
      readdirSync(join(root, "machine", folder)).map((name) => [
        `${prefix}${name}`,
        readFileSync(join(root, "machine", folder, name), "utf8"),
      ]);
    expect([...files]).toEqual([
      ...lying("scripts").sort(),
      ...lying("units", "units/").sort(),
      ["image.txt", imageTable()],
    ]);
    expect(unpack(bundle().parts.toReversed())).toEqual(machinePrograms());
  });

  test("is the same bytes each time, and others where one byte of a file or its mode differs", () => {
    const files = machinePrograms();
    expect(pack(files)).toEqual(bundle());
    const [first, ...rest] = files;
    const hashes = [
      { ...first!, content: `${first!.content} ` },
      { ...first!, mode: 0o644 },
      { ...first!, path: "other" },
    ].map((changed) => pack([changed, ...rest]).sha256);
    expect(new Set([bundle().sha256, ...hashes]).size).toBe(4);
  });

  test("is cut into values that a standard parameter takes", () => {
    expect(Math.max(...bundle().parts.map((part) => part.length))).toBeLessThanOrEqual(4096);
  });

  test("is an archive as tar reads it, of files that belong to root, made at no time", () => {
    const directory = mkdtempSync(join(tmpdir(), "bundle-"));
    const archive = tar([
      { path: "a", mode: 0o755, content: "ä\n" },
      { path: "b/c", mode: 0o644, content: "x".repeat(513) },
    ]);
    try {
      const listed = execFileSync("tar", ["-tvf", "-"], {
        input: archive,
        encoding: "utf8",
        env: { ...process.env, TZ: "UTC" },
      });
      expect(listed.replace(/ +/g, " ")).toBe(
        "-rwxr-xr-x root/root 3 1970-01-01 00:00 a\n-rw-r--r-- root/root 513 1970-01-01 00:00 b/c\n",
      );
      execFileSync("tar", ["-xf", "-", "-C", directory, "--no-same-owner"], { input: archive });
      expect(readFileSync(join(directory, "a"), "utf8")).toBe("ä\n");
      expect(statSync(join(directory, "b/c")).size).toBe(513);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("takes no name that its archive has no room for", () => {
    expect(() => tar([{ path: "a".repeat(101), mode: 0o644, content: "" }])).toThrow(RangeError);
  });
});

test("a proxy is the units' environment, in two files more; without one nothing of it is there", () => {
  const network = { ...spec.network, outbound: "external", proxy: "http://10.0.0.8:3128" };
  const filesOf = (text: string) =>
    (parse(text) as { write_files: { path: string; content: string }[] }).write_files;
  const before = filesOf(userData(spec, spec.members[0]!));
  const files = filesOf(userData({ ...spec, network }, spec.members[0]!));
  expect(files.slice(0, before.length)).toEqual(before);
  const more = files.slice(before.length);
  // The second is before every unit whose name begins so, the stub's as well.
  expect(more.map(({ path }) => path)).toEqual([
    "/etc/systemd/system/etcd.service.d/proxy.conf",
    "/etc/systemd/system/etcd-.service.d/proxy.conf",
  ]);
  for (const { content } of more)
    expect(content).toBe(
      [
        "[Service]",
        "Environment=http_proxy=http://10.0.0.8:3128",
        "Environment=https_proxy=http://10.0.0.8:3128",
        "Environment=no_proxy=localhost,127.0.0.0/8,169.254.0.0/16,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,.etcd.internal",
        "",
      ].join("\n"),
    );
});
