/**
 * What CloudWatch calls an alarm of a cluster. For a member called etcd-x it has a slash, as the same with a hyphen is
 * member x's alarm in a cluster called `<cluster>-etcd`, and CloudWatch would let the one overwrite the other.
 */
export function alarmName(cluster: string, what: string): string {
  return `${cluster}-etcd${what.startsWith("etcd-") ? "/" : "-"}${what}`;
}

/** What {@link alarmName} calls the alarm on a member's machine. */
export function statusAlarm(member: string): string {
  return `${member}-status`;
}
