import { sizes } from "../spec/sizes";
import { etcdMinor, type EtcdMinor } from "../spec/versions";
import type { ClusterSpec, MemberSpec } from "../spec";
import { memberHost, ports } from "../contract/addresses";
import { pkiDirectory, pkiFiles } from "../contract/paths";

/** The part of a cluster's specification that reaches a member's command line. */
export type FlagSpec = Pick<
  ClusterSpec,
  "cluster" | "network" | "discovery" | "version" | "size" | "timeouts" | "maxRequestBytes" | "tls"
>;

/**
 * Corruption checks, off by default in every minor. 3.5 has them as experimental flags, 3.6 and 3.7 as feature
 * gates. 3.7 does not start with a flag that begins with `--experimental-`.
 */
const corruptionChecks: Readonly<Record<EtcdMinor, readonly string[]>> = {
  "3.5": ["--experimental-initial-corrupt-check=true", "--experimental-compact-hash-check-enabled=true"],
  "3.6": ["--feature-gates=CompactHashCheck=true,InitialCorruptCheck=true"],
  "3.7": ["--feature-gates=CompactHashCheck=true,InitialCorruptCheck=true"],
};

/** API servers read from their watch cache only if etcd reports progress at this pace (kubeadm sets the same). */
const watchProgress: Readonly<Record<EtcdMinor, string>> = {
  "3.5": "--experimental-watch-progress-notify-interval=5s",
  "3.6": "--watch-progress-notify-interval=5s",
  "3.7": "--watch-progress-notify-interval=5s",
};

/**
 * etcd's command line for one member, sorted. It holds only what is fixed for a machine's life, and nothing from
 * other members. The machine adds `--data-dir` and `--initial-cluster*`, because it decides how to join.
 *
 * TLS follows CIS Kubernetes Benchmark 2.1–2.7: etcd requires client and peer certificates, has its own CAs, and
 * makes no certificates itself. Health and metrics use plain http, because a balancer's check has no certificate.
 */
export function etcdFlags(spec: FlagSpec, member: Pick<MemberSpec, "name" | "address">): string[] {
  const minor = etcdMinor(spec.version);
  const host = memberHost(spec, member);
  const pki = (file: keyof typeof pkiFiles) => `${pkiDirectory}/${pkiFiles[file]}`;
  return [
    `--name=${member.name}`,
    `--listen-client-urls=https://${member.address}:${ports.client}`,
    `--advertise-client-urls=https://${host}:${ports.client}`,
    `--listen-peer-urls=https://${member.address}:${ports.peer}`,
    `--initial-advertise-peer-urls=https://${host}:${ports.peer}`,
    `--listen-metrics-urls=http://${member.address}:${ports.metrics}`,

    "--client-cert-auth=true",
    `--trusted-ca-file=${pki("clientCa")}`,
    `--cert-file=${pki("serverCert")}`,
    `--key-file=${pki("serverKey")}`,
    "--auto-tls=false",
    "--peer-client-cert-auth=true",
    `--peer-trusted-ca-file=${pki("peerCa")}`,
    `--peer-cert-file=${pki("peerCert")}`,
    `--peer-key-file=${pki("peerKey")}`,
    "--peer-auto-tls=false",

    `--heartbeat-interval=${spec.timeouts.heartbeat}`,
    `--election-timeout=${spec.timeouts.election}`,
    `--quota-backend-bytes=${sizes[spec.size].quotaBytes}`,
    "--logger=zap",
    "--log-level=info",
    ...chosen("max-request-bytes", spec.maxRequestBytes),
    ...chosen("tls-min-version", spec.tls.minVersion),
    ...chosen("cipher-suites", spec.tls.cipherSuites?.join(",")),
    watchProgress[minor],
    ...corruptionChecks[minor],
  ].sort();
}

/** A flag that is left to etcd's default unless it is declared: user data of others stays as it is. */
function chosen(flag: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${flag}=${value}`];
}
