import type { Recording } from "../record/recording";
import { table } from "../text/table";
import { authorityWords } from "../contract/authorities";
import type { ClusterSpec } from "../spec";
import { entrySubnetKeys } from "../spec/entrySubnets";
import { authorityKinds } from "../spec/pki";
import { wayOutInWords } from "../spec/wayOut";
import { resourceTree, type Plan, type PlannedMember } from "./plan";

/** A plan for people. */
export function planText(plan: Plan, recording: Recording): string {
  const { cluster, members } = plan;
  const custom = recording.resources.filter((resource) => resource.custom).length;
  const components = recording.resources.length - custom - 1;
  const sections = [
    `etcd cluster ${String(cluster.cluster)} (${String(cluster.environment)}), stack ${plan.stack}`,
    section("Settings", settings(cluster)),
    section(
      "Members",
      table(["NAME", "ZONE", "ADDRESS", "DNS NAME", "SIZE", "MACHINE", "VOLUME"], members.map(memberRow)),
    ),
    section(
      "Outside the cluster, members may reach",
      table(
        ["TO", "PORT", "FOR"],
        plan.reach.map(({ to, protocol, port, purpose }) => [to, `${port}/${protocol}`, purpose]),
      ),
    ),
    section(`What is made: ${custom} resources in ${components} components`, tree(recording)),
    section("API server flags", (plan.apiServer.flags as string[] | undefined)?.join("\n") ?? "none"),
  ];
  if (plan.defragmentation)
    sections.push(section("Defragmentation", String(plan.defragmentation.manifests).trimEnd()));
  if (plan.warnings.length > 0)
    sections.push(section("Warnings", plan.warnings.map((line) => `! ${line}`).join("\n")));
  return sections.join("\n\n");
}

function section(title: string, body: string): string {
  return `${title}\n${body.replace(/^/gm, "  ")}`;
}

function settings(cluster: Plan["cluster"]): string {
  const { heartbeat, election } = cluster.timeouts as { heartbeat: number; election: number };
  const network = cluster.network as ClusterSpec["network"];
  const { dnsServers } = network;
  const restore = cluster.restore as { snapshot: string; generation: number } | undefined;
  const rows = [
    ["etcd", String(cluster.version)],
    ["discovery", String(cluster.discovery)],
    ["timeouts", `heartbeat ${heartbeat} ms, election ${election} ms`],
    ...limits(cluster),
    ["way out", wayOutInWords(network)],
    ["names", dnsServers.length === 0 ? "the VPC's resolver" : `DNS servers ${dnsServers.join(", ")}`],
    [
      "entries",
      entrySubnetKeys(network)
        .map((key) => `${key} (${network.subnets[key]!.zone})`)
        .join(", "),
    ],
    ...certificates(cluster.pki as ClusterSpec["pki"]),
    ["deletion", cluster.deletionProtection ? "protected" : "not protected"],
  ];
  const alarms = cluster.alarms as { topicArn: string } | undefined;
  if (alarms) rows.push(["alarms", alarms.topicArn]);
  if (restore) rows.push(["restore", `${restore.snapshot} as generation ${restore.generation}`]);
  return table(undefined, rows);
}

/** Which CAs are trusted, which one issues, and how long certificates hold. */
function certificates({ authorities, caValidity, leafValidity, renewal }: ClusterSpec["pki"]): string[][] {
  const cas = authorityKinds.map((kind) => {
    const { trusted, issuer } = authorities[kind];
    const others = trusted
      .filter((number) => number !== issuer)
      .map((number) => `, ${number} is trusted too`);
    return [`CA for ${authorityWords[kind]}`, `${issuer} issues${others.join("")}`];
  });
  const lifetimes = `${leafValidity} days, renewed ${renewal} days before their end; a new CA ${caValidity} days`;
  return [...cas, ["certificates", lifetimes]];
}

/** The limits of etcd that are declared. */
function limits({ maxRequestBytes, tls }: Plan["cluster"]): string[][] {
  const { minVersion, cipherSuites } = tls as ClusterSpec["tls"];
  const rows: string[][] = [];
  if (maxRequestBytes !== undefined) rows.push(["requests", `up to ${Number(maxRequestBytes)} bytes`]);
  if (minVersion ?? cipherSuites)
    rows.push(["TLS", [minVersion ?? "TLS1.2", ...(cipherSuites ?? [])].join(", ")]);
  return rows;
}

function memberRow(member: PlannedMember): string[] {
  const { type, sizeGiB, iops, throughput } = member.volume;
  const rates = [`${iops} IOPS`, ...(throughput === undefined ? [] : [`${throughput} MiB/s`])].join(", ");
  const name = member.replaces ? `${member.name} (replaces ${member.replaces.name})` : member.name;
  const { zone, address, dnsName, size, instanceType } = member;
  return [name, zone, address, dnsName, size, instanceType, `${type} ${sizeGiB} GiB, ${rates}`];
}

function tree(recording: Recording): string {
  return resourceTree(recording)
    .map(
      ({ depth, type, name, count }) =>
        `${"  ".repeat(depth)}${name === undefined ? `${count} × ${type}` : `${type} ${name}`}`,
    )
    .join("\n");
}
