import type { Instance } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/clients";
import { instances, type Until } from "../aws/readers";
import { tagNames } from "../contract/tags";
import type { Machine } from "./facts";
import { recordedOf } from "./target";

/** The existing machines of a cluster's members. */
export async function machinesOf({ ec2 }: Aws, cluster: string, until?: Until): Promise<Machine[]> {
  const which = { Filters: [{ Name: `tag:${tagNames.cluster}`, Values: [cluster] }] };
  const found = await instances(ec2, which, until);
  return found.map(toMachine).filter(({ member }) => member !== "");
}

/** One machine, and whose it is, by its tags; undefined if it is gone. */
export async function machineOf(
  { ec2 }: Aws,
  instance: string,
): Promise<(Machine & { cluster: string }) | undefined> {
  const [found] = await instances(ec2, { InstanceIds: [instance] });
  return found && { ...toMachine(found), cluster: tags(found)[tagNames.cluster] ?? "" };
}

function toMachine(instance: Instance): Machine {
  return {
    instance: instance.InstanceId ?? "",
    member: tags(instance)[tagNames.member] ?? "",
    state: instance.State?.Name ?? "unknown",
    address: instance.PrivateIpAddress,
    launched: instance.LaunchTime!.getTime(),
    recorded: recordedOf(tags(instance)),
  };
}

function tags({ Tags = [] }: Instance): Record<string, string | undefined> {
  return Object.fromEntries(Tags.map(({ Key = "", Value }) => [Key, Value]));
}
