import fc from "fast-check";
import { etcdFlags } from "../../machine/flags";
import { declaration, specOf } from "../fixtures/declarations";

const spec = specOf(declaration("prod"));
const member = spec.members[0]!;

test.each(["3.5.35", "3.6.16", "3.7.3"])(
  "etcd %s gets what CIS Kubernetes Benchmark 2.1–2.7 asks",
  (version) => {
    const flags = etcdFlags({ ...spec, version }, member);
    expect(flags).toEqual(
      expect.arrayContaining([
        "--cert-file=/etc/etcd/pki/server.crt",
        "--key-file=/etc/etcd/pki/server.key",
        "--client-cert-auth=true",
        "--auto-tls=false",
        "--peer-cert-file=/etc/etcd/pki/peer.crt",
        "--peer-key-file=/etc/etcd/pki/peer.key",
        "--peer-client-cert-auth=true",
        "--peer-auto-tls=false",
        "--trusted-ca-file=/etc/etcd/pki/client-ca.crt",
        "--peer-trusted-ca-file=/etc/etcd/pki/peer-ca.crt",
      ]),
    );
  },
);

test("experimental flags are 3.5's alone, feature gates the later minors'", () => {
  const kinds = ["3.5.35", "3.6.16", "3.7.3"].map((version) => {
    const flags = etcdFlags({ ...spec, version }, member);
    return [
      flags.some((flag) => flag.startsWith("--experimental-")),
      flags.some((flag) => flag.startsWith("--feature-gates=")),
    ];
  });
  expect(kinds).toEqual([
    [true, false],
    [false, true],
    [false, true],
  ]);
});

test.each(["3.5.35", "3.6.16", "3.7.3"])(
  "etcd %s gets what is declared of its limits, else its own",
  (version) => {
    const limits = (flags: string[]) =>
      flags.filter((flag) => /^--(max-request-bytes|tls-min-version|cipher-suites)=/.test(flag));
    expect(limits(etcdFlags({ ...spec, version }, member))).toEqual([]);
    const cipherSuites = [
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ] as const;
    const declared = {
      maxRequestBytes: 2_097_152,
      tls: { minVersion: "TLS1.2" as const, cipherSuites: [...cipherSuites] },
    };
    expect(limits(etcdFlags({ ...spec, version, ...declared }, member))).toEqual([
      `--cipher-suites=${cipherSuites.join(",")}`,
      "--max-request-bytes=2097152",
      "--tls-min-version=TLS1.2",
    ]);
  },
);

test("a member is named by its address, under dns discovery by its DNS name, and listens on its address", () => {
  const urls = (flags: string[]) => flags.filter((flag) => flag.includes("://"));
  expect(urls(etcdFlags(spec, member))).toEqual([
    "--advertise-client-urls=https://10.0.1.11:2379",
    "--initial-advertise-peer-urls=https://10.0.1.11:2380",
    "--listen-client-urls=https://10.0.1.11:2379",
    "--listen-metrics-urls=http://10.0.1.11:2381",
    "--listen-peer-urls=https://10.0.1.11:2380",
  ]);
  expect(urls(etcdFlags({ ...spec, discovery: "dns" }, member))).toEqual([
    "--advertise-client-urls=https://member1.prod.etcd.internal:2379",
    "--initial-advertise-peer-urls=https://member1.prod.etcd.internal:2380",
    "--listen-client-urls=https://10.0.1.11:2379",
    "--listen-metrics-urls=http://10.0.1.11:2381",
    "--listen-peer-urls=https://10.0.1.11:2380",
  ]);
});

test("the same declaration gives the same flags, whatever the order of its keys, and none twice", () => {
  const versions = fc.constantFrom("3.5.35", "3.6.16", "3.7.3");
  const timeouts = fc.record({
    heartbeat: fc.integer({ min: 100, max: 500 }),
    election: fc.integer({ min: 2500, max: 50_000 }),
  });
  fc.assert(
    fc.property(versions, timeouts, (version, times) => {
      const flags = etcdFlags({ ...spec, version, timeouts: times }, member);
      const reversed = Object.fromEntries(
        Object.entries({ ...spec, version, timeouts: times }).reverse(),
      ) as typeof spec;
      expect(etcdFlags(reversed, member)).toEqual(flags);
      const names = flags.map((flag) => flag.split("=")[0]);
      expect(new Set(names).size).toBe(names.length);
      expect(flags).toContain(`--heartbeat-interval=${times.heartbeat}`);
      expect(flags).toContain(`--election-timeout=${times.election}`);
    }),
  );
});
