/** Where things lie on an etcd machine and in the parameters that it reads. One table for both. */

/** Directory of the member's certificates and keys; file names are {@link pkiFiles}. */
export const pkiDirectory = "/etc/etcd/pki";

/** Directory of the programs on the machine. */
export const programsDirectory = "/usr/local/lib/etcd";

/** etcd's command line, one flag a line. */
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

/** Path under which everything of a cluster lies in SSM Parameter Store. */
export function clusterParameters(cluster: string): string {
  return `/etcd/${cluster}`;
}

/** What Pulumi declares of the whole cluster: {@link DesiredRecord}. */
export function desiredParameter(cluster: string): string {
  return `${clusterParameters(cluster)}/desired`;
}

/** What Pulumi declares of one member: {@link MemberRecord}. */
export function memberParameter(cluster: string, member: string): string {
  return `${clusterParameters(cluster)}/members/${member}`;
}

/** Path of everything that the machines themselves write. */
export function incarnationParameters(cluster: string): string {
  return `${clusterParameters(cluster)}/incarnations`;
}

/** Where an operator asks the members for a backup: a time, ISO 8601, in UTC. */
export function backupRequestParameter(cluster: string, incarnation: string): string {
  return `${incarnationParameters(cluster)}/${incarnation}/requests/backup`;
}

/** Path of a member's certificates and keys. */
export function memberPkiParameters(cluster: string, member: string): string {
  return `${clusterParameters(cluster)}/pki/members/${member}`;
}

/** Path of the certificate and key of one user of etcd, as `apiserver`. */
export function clientPkiParameters(cluster: string, client: string): string {
  return `${clusterParameters(cluster)}/pki/clients/${client}`;
}
