import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { parse } from "yaml";
import { withoutComments } from "../../machine/files";
import { cloudConfig, userData, userDataLimit } from "../../machine/userData";
import { declaration, root, specOf } from "../fixtures/declarations";

const spec = specOf(declaration("prod"));

test("a member's user data holds nothing of the other members", () => {
  for (const member of spec.members) {
    const text = cloudConfig(spec, member);
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
  const before = cloudConfig(spec, member!);
  fc.assert(
    fc.property(moving, (changes) => {
      expect(cloudConfig({ ...spec, ...changes }, member!)).toBe(before);
    }),
  );
  // Compressing them takes its time: once shows that it adds nothing of its own.
  expect(userData(spec, member!)).toBe(userData(spec, member!));
});

test("it is cloud-config, compressed and within EC2's limit", () => {
  const bytes = Buffer.from(userData(spec, spec.members[0]!), "base64");
  const text = gunzipSync(bytes).toString("utf8");
  expect(text.startsWith("#cloud-config\n")).toBe(true);
  const files = (parse(text) as { write_files: { path: string; permissions: string }[] }).write_files;
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      "/etc/etcd/identity.json",
      "/etc/etcd/flags",
      "/usr/local/lib/etcd/join",
      "/etc/systemd/system/etcd.service",
    ]),
  );
});

test("the longest names, both checksums and a long mirror are within EC2's limit", () => {
  // Random: what repeats would be compressed away.
  const hex = (bytes: number) => randomBytes(bytes).toString("hex");
  const name = `a${hex(9)}z`;
  const longest = specOf({
    ...declaration("prod"),
    cluster: `a${hex(9)}z`,
    checksums: { amd64: hex(32), arm64: hex(32) },
    mirror: `https://${hex(20)}.example/${hex(40)}`,
  });
  const bytes = Buffer.from(userData(longest, { name, address: "10.100.200.250" }), "base64");
  expect(bytes.length).toBeLessThanOrEqual(userDataLimit);
});

test("scripts reach the machine without their comments and otherwise as they are", () => {
  const directory = join(root, "machine", "scripts");
  // What is left of a script without comments and with one way of writing it.
  const minified = (content: string) => execFileSync("shfmt", ["-mn"], { input: content }).toString();
  for (const name of readdirSync(directory)) {
    const content = readFileSync(join(directory, name), "utf8");
    const bare = withoutComments(content);
    expect(minified(bare)).toBe(minified(content));
    expect(bare).not.toMatch(/^\s*# /m);
    if (!name.endsWith(".sh")) expect(bare.split("\n")[0]).toBe("#!/usr/bin/env bash");
  }
});

test("user data over EC2's limit is refused before anything is made", () => {
  // Random: what repeats would be compressed away.
  const mirror = `https://mirror.example/${randomBytes(userDataLimit).toString("hex")}`;
  expect(() => userData({ ...spec, mirror }, spec.members[0]!)).toThrow(
    /user data of member1 has \d+ bytes compressed; EC2 takes 16384/,
  );
});
