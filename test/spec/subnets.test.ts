import fc from "fast-check";
import { contains, freeAddresses, isReserved, isSubnetRange } from "../../spec/subnets";

/** Ranges that AWS allows for a subnet. */
const ranges = fc
  .record({ bits: fc.integer({ min: 16, max: 28 }), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) })
  .map(({ bits, value }) => {
    const network = value - (value % 2 ** (32 - bits));
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256);
    return { range: `${octets.join(".")}/${bits}`, size: 2 ** (32 - bits) };
  });

test("ranges of /16 to /28 without host bits are subnets, others are not", () => {
  fc.assert(fc.property(ranges, ({ range }) => isSubnetRange(range)));
  for (const no of ["10.0.1.1/24", "10.0.0.0/15", "10.0.0.0/29", "10.0.0.0", "fd00::/64", "10.0.0/24", "x"]) {
    expect([no, isSubnetRange(no)]).toEqual([no, false]);
  }
});

test("free addresses lie within the subnet, are not AWS' own, not taken, and differ", () => {
  fc.assert(
    fc.property(ranges, fc.nat({ max: 6 }), fc.nat({ max: 6 }), ({ range }, takenCount, count) => {
      const taken = freeAddresses(range, [], takenCount);
      const free = freeAddresses(range, taken, count);
      expect(new Set([...free, ...taken]).size).toBe(free.length + taken.length);
      expect(free.every((address) => contains(range, address) && !isReserved(range, address))).toBe(true);
    }),
  );
});

test("a small subnet runs out of free addresses", () => {
  // /28 holds 16 addresses; the first ten are left to habit and the last is AWS'.
  expect(freeAddresses("10.0.0.0/28", [], 9)).toEqual([
    "10.0.0.10",
    "10.0.0.11",
    "10.0.0.12",
    "10.0.0.13",
    "10.0.0.14",
  ]);
});

test("AWS keeps the first four and the last address of a subnet", () => {
  const reserved = ["10.0.1.0", "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.255"];
  expect(reserved.map((address) => isReserved("10.0.1.0/24", address))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(["10.0.1.4", "10.0.1.254"].map((address) => isReserved("10.0.1.0/24", address))).toEqual([
    false,
    false,
  ]);
});
