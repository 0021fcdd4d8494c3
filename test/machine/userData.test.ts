import fc from "fast-check";
import { parse } from "yaml";
import { userData, userDataLimit } from "../../machine/userData";
import { declaration, specOf } from "../fixtures/declarations";

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
    tags: fc.dictionary(fc.string(), fc.string()),
    apiServer: fc.constantFrom({ endpoints: "members" as const }, { endpoints: "loadBalancer" as const }),
  });
  fc.assert(
    fc.property(moving, (changes) => {
      expect(userData({ ...spec, ...changes }, member!)).toBe(userData(spec, member!));
    }),
  );
});

test("it is cloud-config and well within EC2's limit", () => {
  const text = userData(spec, spec.members[0]!);
  expect(text.startsWith("#cloud-config\n")).toBe(true);
  expect((parse(text) as { write_files: { path: string }[] }).write_files.map(({ path }) => path)).toEqual([
    "/etc/etcd/identity.json",
    "/etc/etcd/flags",
  ]);
  expect(Buffer.byteLength(text)).toBeLessThan(userDataLimit / 4);
});

test("user data over EC2's limit is refused before anything is made", () => {
  const mirror = `https://mirror.example/${"a".repeat(userDataLimit)}`;
  expect(() => userData({ ...spec, mirror }, spec.members[0]!)).toThrow(
    /user data of member1 has \d+ bytes; EC2 takes 16384/,
  );
});
