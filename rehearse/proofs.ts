import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { EtcdBinaries } from "../tools/etcd";
import { until } from "./until";
import { foreignIdentity } from "./foreign";
import { KvClient, type ClientIdentity } from "./kvClient";
import { loopback, type LocalMember } from "./loopback";
import { callPlain, callTls, type Reception } from "./probe";
import type { Processes } from "./processes";
import { percentile } from "./percentile";
import { Writer } from "./writer";

/** Running members, and how to reach them. */
export interface Running {
  members: readonly LocalMember[];
  processes: Processes;
  binaries: EtcdBinaries;
  /** The API servers' certificate and key, and the CA they trust. */
  client: ClientIdentity;
  /** Paths of the same files on this computer, for etcdctl. */
  clientFiles: { ca: string; cert: string; key: string };
  /** Aborting it ends all waiting. */
  signal?: AbortSignal;
}

/** Something that must hold for the running members. Its result says what was seen; it throws if it does not hold. */
export interface Proof {
  title: string;
  prove: (running: Running) => Promise<string>;
}

class NotProved extends Error {}

/** In the order in which they run. */
export const proofs: readonly Proof[] = [
  { title: "all members healthy, of one cluster", prove: oneCluster },
  { title: "a write through each member is read through every other", prove: writesSeenEverywhere },
  { title: "clients without the right certificate are refused", prove: strangersRefused },
  { title: "foreign peers are refused", prove: foreignPeersRefused },
  { title: "plain http is refused", prove: plainHttpRefused },
  { title: "leader killed: writes go on, member comes back", prove: leaderKilled },
  { title: "write latency over two seconds", prove: writeLatency },
];

/** Waits until every member reports ready. */
export async function allReady({
  members,
  processes,
  signal,
}: Pick<Running, "members" | "processes" | "signal">): Promise<void> {
  const ready = async () => {
    const each = await Promise.all(members.map((member) => processes.ready(member)));
    return each.every(Boolean);
  };
  await until("all members ready", ready, { signal });
}

interface EndpointStatus {
  Endpoint: string;
  Status: { header: { cluster_id: number; member_id: number }; version: string; leader: number };
}

/** `etcdctl endpoint status` of all members, as an operator would run it. */
async function status(running: Running): Promise<EndpointStatus[]> {
  const { stdout } = await promisify(execFile)(running.binaries.etcdctl, [
    ...etcdctlArguments(running),
    ...["endpoint", "status", "--write-out=json"],
  ]);
  return JSON.parse(stdout) as EndpointStatus[];
}

/** How etcdctl reaches the members. */
export function etcdctlArguments({
  members,
  clientFiles,
}: Pick<Running, "members" | "clientFiles">): string[] {
  return [
    `--endpoints=${members.map((member) => `https://${endpoint(member)}`).join(",")}`,
    `--cacert=${clientFiles.ca}`,
    `--cert=${clientFiles.cert}`,
    `--key=${clientFiles.key}`,
  ];
}

function endpoint(member: LocalMember): string {
  return `${loopback}:${member.ports[2379]}`;
}

async function oneCluster(running: Running): Promise<string> {
  await allReady(running);
  const statuses = await status(running);
  // Ids are 64-bit numbers, more than JavaScript's JSON numbers hold exactly; equal ones stay equal.
  const clusters = new Set(statuses.map(({ Status }) => Status.header.cluster_id));
  const versions = new Set(statuses.map(({ Status }) => Status.version));
  expect(
    statuses.length === running.members.length,
    `${statuses.length} of ${running.members.length} members answered`,
  );
  expect(clusters.size === 1, `${clusters.size} cluster ids`);
  expect(
    versions.size === 1 && versions.has(running.binaries.version),
    `versions ${[...versions].join(", ")}`,
  );
  return `${statuses.length} healthy, etcd ${[...versions][0]}`;
}

async function writesSeenEverywhere(running: Running): Promise<string> {
  return withClients(running, async (clients) => {
    for (const [index, writer] of clients.entries()) {
      const key = `rehearsal/seen/${index}`;
      await writer.put(key, writer.endpoint);
      const values = await Promise.all(clients.map((reader) => reader.get(key)));
      expect(
        values.every((value) => value === writer.endpoint),
        `what ${running.members[index]!.name} took was not read everywhere`,
      );
    }
    return `${clients.length} writes, ${clients.length ** 2} reads`;
  });
}

async function strangersRefused({ members, client }: Running): Promise<string> {
  const foreign = await foreignIdentity();
  for (const member of members) {
    const port = member.ports[2379]!;
    const own = await callTls(port, client.ca, client);
    expect(own.kind === "answered", `${member.name}: the API server's own certificate was refused`);
    await refused(member, callTls(port, client.ca), "certificate required");
    await refused(member, callTls(port, client.ca, foreign), "unknown ca");
    const peer = { cert: member.pki["peer.crt"]!, key: member.pki["peer.key"]! };
    await refused(member, callTls(port, client.ca, peer), "unknown ca");
  }
  return "none: certificate required; another CA, the peer CA: unknown ca";
}

async function foreignPeersRefused({ members }: Running): Promise<string> {
  const foreign = await foreignIdentity();
  for (const member of members) {
    const port = member.ports[2380]!;
    const ca = member.pki["peer-ca.crt"]!;
    const own = await callTls(port, ca, { cert: member.pki["peer.crt"]!, key: member.pki["peer.key"]! });
    expect(own.kind === "answered", `${member.name}: its own peer certificate was refused`);
    await refused(member, callTls(port, ca), "certificate required");
    await refused(member, callTls(port, ca, foreign), "unknown ca");
    const server = { cert: member.pki["server.crt"]!, key: member.pki["server.key"]! };
    await refused(member, callTls(port, ca, server), "unknown ca");
  }
  return "none: certificate required; another CA, the client CA: unknown ca";
}

async function refused(member: LocalMember, call: Promise<Reception>, alert: string): Promise<void> {
  const reception = await call;
  if (reception.kind === "refused" && reception.alert === alert) return;
  const seen =
    reception.kind === "refused" ? `refused with "${reception.alert}"` : `answered "${reception.status}"`;
  throw new NotProved(`${member.name}: expected to be refused with "${alert}", ${seen}`);
}

async function plainHttpRefused({ members }: Running): Promise<string> {
  for (const member of members) {
    for (const declared of [2379, 2380]) {
      const answer = await callPlain(member.ports[declared]!);
      // etcd expects a TLS handshake, gets none and closes; another proof shows that the listener lives.
      expect(
        answer === "",
        `${member.name}: plain http on ${declared} was answered ${JSON.stringify(answer)}`,
      );
    }
  }
  return "2379 and 2380: closed without an answer";
}

async function leaderKilled(running: Running): Promise<string> {
  const { members, processes, signal } = running;
  const [first] = await status(running);
  const statuses = await status(running);
  const leaderIndex = statuses.findIndex(({ Status }) => Status.header.member_id === first!.Status.leader);
  const leader = members[leaderIndex]!;
  return withClients(running, async (clients) => {
    const writer = new Writer(clients, "rehearsal/leader/", 1);
    try {
      const tenMore = (what: string) => {
        const before = writer.count;
        return until(what, async () => Promise.resolve(writer.count >= before + 10), { signal });
      };
      await tenMore("first writes");
      await processes.kill(leader);
      // A single node has no others that could go on without it.
      if (members.length > 1) await tenMore("writes without the leader");
      await processes.start(leader);
      await allReady(running);
    } finally {
      await writer.stop();
    }
    const { acknowledged, lost, longestGap } = await writer.judge(clients);
    expect(lost.length === 0, `${lost.length} of ${acknowledged} acknowledged writes lost`);
    return `${leader.name} killed: ${acknowledged} writes, 0 lost, longest gap ${seconds(longestGap)}`;
  });
}

async function writeLatency(running: Running): Promise<string> {
  return withClients(running, async ([client]) => {
    const times: number[] = [];
    const end = performance.now() + 2000;
    while (performance.now() < end) {
      const start = performance.now();
      await client!.put("rehearsal/latency", String(times.length));
      times.push(performance.now() - start);
    }
    const of = percentile(times);
    const at = (share: number) => `${of(share).toFixed(1)} ms`;
    return `${times.length} writes, p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} (this computer's disk)`;
  });
}

async function withClients<T>(
  { members, client }: Running,
  use: (clients: KvClient[]) => Promise<T>,
): Promise<T> {
  const clients = members.map((member) => new KvClient(endpoint(member), member.dnsName, client));
  try {
    return await use(clients);
  } finally {
    for (const each of clients) each.close();
  }
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new NotProved(otherwise);
}

/** Milliseconds as seconds, for people. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
