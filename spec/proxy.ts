import { contains, isAddress, privateRanges } from "./subnets";

type Proxied = { privateZone: { name: string } };

const form = /^http:\/\/([a-z0-9.-]+):([1-9]\d{0,4})$/;

/** What speaks against the address of a proxy. */
export function proxyProblem(proxy: string): string | undefined {
  if (proxy.includes("@"))
    return "holds a user or password, which user data would show to whoever describes the machine; open the proxy to the members by address";
  const port = form.exec(proxy)?.[2];
  return port === undefined || Number(port) > 65_535
    ? "must be http://HOST:PORT, with an IPv4 address or a name: machines speak http to the proxy, and TLS through it"
    : undefined;
}

/** Host and port of a proxy that was checked. */
export function proxyPlace(proxy: string): { host: string; port: number } {
  const [, host, port] = form.exec(proxy)!;
  return { host: host!, port: Number(port) };
}

/** Machines themselves, EC2's metadata service, and what lies in the VPC or its neighbours. */
const near = ["127.0.0.0/8", "169.254.0.0/16", ...privateRanges];

/**
 * What machines ask no proxy for, as `no_proxy` names it. It does not follow the subnets, as user data must not change
 * with them. curl knows ranges since 7.86, and Go knows them too.
 */
export function unproxied({ privateZone }: Proxied): string[] {
  return ["localhost", ...near, `.${privateZone.name}`];
}

/** Whether machines reach a host without their proxy. */
export function goesStraight({ privateZone }: Proxied, host: string): boolean {
  return isAddress(host)
    ? near.some((range) => contains(range, host))
    : `.${host}`.endsWith(`.${privateZone.name}`);
}
