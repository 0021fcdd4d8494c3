import ipaddr from "ipaddr.js";

/** The value of an IPv4 address as an unsigned number, for ordering and arithmetic. */
function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((value, octet) => value * 256 + octet, 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Whether the text is an IPv4 address in four-part decimal form. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Whether the text is an IPv4 range of a size that AWS allows for a subnet (/16 to /28), without host bits. */
export function isSubnetRange(text: string): boolean {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return false;
  const [address, bits] = ipaddr.IPv4.parseCIDR(text);
  return (
    bits >= 16 && bits <= 28 && ipaddr.IPv4.networkAddressFromCIDR(text).toString() === address.toString()
  );
}

function bounds(range: string): { first: number; last: number } {
  return {
    first: toNumber(ipaddr.IPv4.networkAddressFromCIDR(range).toString()),
    last: toNumber(ipaddr.IPv4.broadcastAddressFromCIDR(range).toString()),
  };
}

/** Whether the address lies in the range. */
export function contains(range: string, address: string): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(range));
}

/** Whether two ranges have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [bounds(one), bounds(other)];
  return a.first <= b.last && b.first <= a.last;
}

/**
 * Whether AWS keeps the address of a subnet for itself: the first four and the last
 * (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
 */
export function isReserved(range: string, address: string): boolean {
  const { first, last } = bounds(range);
  const value = toNumber(address);
  return value < first + 4 || value === last;
}

/**
 * The lowest addresses of a subnet that a member may take: not AWS' own, none of `taken`, and none of
 * the first ten, which many networks hand out by habit.
 * @returns at most `count` addresses; fewer where the subnet has no more
 */
export function freeAddresses(range: string, taken: readonly string[], count: number): string[] {
  const { first, last } = bounds(range);
  const used = new Set(taken);
  const free: string[] = [];
  for (let value = first + 10; value < last && free.length < count; value++) {
    const address = toAddress(value);
    if (!used.has(address)) free.push(address);
  }
  return free;
}

/** Ranges that VPCs and the networks routed to them have their addresses from (RFC 1918, RFC 6598). */
export const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;
