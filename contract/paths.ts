import { textForms } from "../spec/forms";

/** Where things are on an etcd machine and in the parameters that it reads. Both use this one table. */

/** Directory of the member's certificates and keys; file names are {@link pkiFiles}. */
export const pkiDirectory = "/etc/etcd/pki";

/** The program that gets the other programs at the first boot, and the unit that runs it. */
export const installProgram = "/usr/local/sbin/etcd-install";
export const installUnit = "/etc/systemd/system/etcd-install.service";

/** etcd's command line, one flag per line. */
export const flagsFile = "/etc/etcd/flags";

/** Who this machine is: {@link MachineIdentity} as JSON. */
export const identityFile = "/etc/etcd/identity.json";

/** A member's certificates and keys: the file's name is the parameter's last part too. */
export const pkiFiles = {
  peerCa: "peer-ca.crt",
  peerCert: "peer.crt",
  peerKey: "peer.key",
  clientCa: "client-ca.crt",
  serverCert: "server.crt",
  serverKey: "server.key",
} as const;

/** Path of everything about a cluster in SSM Parameter Store. */
export function clusterParameters(cluster: string): string {
  return `/etcd/${cluster}`;
}

/** What Pulumi declares about the whole cluster: {@link DesiredRecord}. */
export function desiredParameter(cluster: string): string {
  return `${clusterParameters(cluster)}/desired`;
}

/** What Pulumi declares about one member: {@link MemberRecord}. */
export function memberParameter(cluster: string, member: string): string {
  return `${clusterParameters(cluster)}/members/${member}`;
}

/** What Pulumi declares about one generation, once: {@link FoundingRecord}. */
export function foundingParameter(cluster: string, generation: number | string): string {
  return `${clusterParameters(cluster)}/founding/${generation}`;
}

/** Which CAs Pulumi declares: {@link AuthoritiesRecord}. */
export function authoritiesParameter(cluster: string): string {
  return `${clusterParameters(cluster)}/authorities`;
}

/** Whether the parameter of this name is such a record, of whatever cluster. */
export function isAuthoritiesParameter(parameter: string): boolean {
  return /^\/etcd\/[^/]+\/authorities$/.test(parameter);
}

/** Path of the program bundles; each is below it under its SHA-256, in parts. */
export function bundlesParameters(cluster: string): string {
  return `${clusterParameters(cluster)}/bundles`;
}

/** The SHA-256 of the bundle that the parameter of this name is a part of. */
export function bundleOfPart(parameter: string): string | undefined {
  return /^\/etcd\/[^/]+\/bundles\/([0-9a-f]{64})\/\d+$/.exec(parameter)?.[1];
}

/** Path of what API servers' machines report, by the instance's id: {@link ApiServerReport}. */
export function apiServerReports(cluster: string): string {
  return `${clusterParameters(cluster)}/api-servers`;
}

/** Path of everything that the machines themselves write. */
export function incarnationParameters(cluster: string): string {
  return `${clusterParameters(cluster)}/incarnations`;
}

/** Keys of what machines write and operators ask for in one incarnation of a cluster. */
export function incarnationKeys(cluster: string, incarnation: string) {
  const path = `${incarnationParameters(cluster)}/${incarnation}`;
  const generation = (number: number) => `${path}/generations/${number}`;
  return {
    /** Everything is below this path. */
    path,
    /** Where an operator asks the members for a backup: a time, ISO 8601, in UTC. */
    backupRequest: `${path}/requests/backup`,
    /** {@link StatusRecord}s, by the member's name. */
    statuses: `${path}/status`,
    status: (member: string) => `${path}/status/${member}`,
    /** {@link GenerationRecord}. */
    generation,
    /** A member's marks: that etcd started there in a generation, and that its snapshot is restored there. */
    started: (number: number, member: string) => `${generation(number)}/started/${member}`,
    verified: (number: number, member: string) => `${generation(number)}/verified/${member}`,
  };
}

/** What a key of {@link incarnationKeys} is about. */
export type IncarnationKey =
  | { kind: "status"; member: string }
  | { kind: "generation"; generation: number }
  | { kind: "started" | "verified"; generation: number; member: string }
  | { kind: "backupRequest" };

/** What is under a key below an incarnation's path; undefined if this project writes nothing there. */
export function incarnationKey(path: string, key: string): IncarnationKey | undefined {
  const below = key.startsWith(`${path}/`) ? key.slice(path.length + 1) : "";
  if (below === "requests/backup") return { kind: "backupRequest" };
  const [, member] = new RegExp(`^status/(${name})$`).exec(below) ?? [];
  if (member !== undefined) return { kind: "status", member };
  const pattern = new RegExp(`^generations/([1-9][0-9]{0,2})(?:/(started|verified)/(${name}))?$`);
  const [, number, kind, who] = pattern.exec(below) ?? [];
  if (number === undefined) return undefined;
  const generation = Number(number);
  return who === undefined
    ? { kind: "generation", generation }
    : { kind: kind as "started" | "verified", generation, member: who };
}

const [name] = textForms.name;

/** Prefix of snapshots' manifests in the bucket: `manifests/<time>.json`, with a time such as 20261124T220000Z. */
export const manifestsPrefix = "manifests/";

/** Prefix of the snapshots themselves in the bucket: `snapshots/<time>.db`. */
export const snapshotsPrefix = "snapshots/";

/** A time in the form of a backup's keys, to the second: 20261124T220000Z. */
export function backupStamp(time: Date): string {
  return time.toISOString().replace(/\.\d+|[-:]/g, "");
}

/** Prefix of members' claims on a backup, by when it was owed and the attempt: `claims/<time>/<slot>`. */
export const claimsPrefix = "claims/";

/** Path of a member's certificates and keys. */
export function memberPkiParameters(cluster: string, member: string): string {
  return `${clusterParameters(cluster)}/pki/members/${member}`;
}

/** Path of the certificate and key of one user of etcd, for example `apiserver`. */
export function clientPkiParameters(cluster: string, client: string): string {
  return `${clusterParameters(cluster)}/pki/clients/${client}`;
}
