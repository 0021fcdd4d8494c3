import { tagNames } from "../../contract/tags";
import { at, refersTo, tags, type Resource, type Value } from "./resource";

/** One member: the machine that carries it and what belongs to the machine. */
export interface Member {
  cluster: string;
  name: string;
  environment?: string;
  /** etcd's version, from the machine's tag or the component. */
  version?: string;
  /** The availability zone; undefined if nothing says it. */
  zone: Value;
  /** The resource that a finding about the member names: its machine, or else its component. */
  resource: Resource;
  instance?: Resource;
  component?: Resource;
  /** Volumes attached to the machine. */
  volumes: Resource[];
  attachments: Resource[];
  /** Network interfaces made separately from the machine. */
  interfaces: Resource[];
}

/** Types of the machines that may carry members. */
export const machineTypes = ["aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest"];
const memberType = "etcd:index:EtcdMember";

/**
 * Every member that the resources declare: each tagged machine is one, and so is each of our components
 * without a machine. Two machines under one name are two members.
 */
export function membersOf(resources: readonly Resource[]): Member[] {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const components = ofType(memberType).filter(({ props }) => props.retired !== true);
  const machines = resources.filter(
    (each) => machineTypes.includes(each.type) && tags(each)[tagNames.cluster] !== undefined,
  );
  const member = (instance: Resource | undefined, component: Resource | undefined): Member => {
    const found = instance ? tags(instance) : {};
    const attachments = instance
      ? ofType("aws:ec2/volumeAttachment:VolumeAttachment").filter((each) =>
          refersTo(each, "instanceId", instance),
        )
      : [];
    const volumes = ofType("aws:ebs/volume:Volume").filter((volume) =>
      attachments.some((attachment) => refersTo(attachment, "volumeId", volume)),
    );
    const interfaces = instance
      ? ofType("aws:ec2/networkInterface:NetworkInterface").filter((each) =>
          ["primaryNetworkInterface", "networkInterfaces"].some((property) =>
            refersTo(instance, property, each),
          ),
        )
      : [];
    const resource = (instance ?? component)!;
    return {
      cluster: found[tagNames.cluster] ?? text(component?.props.cluster) ?? "",
      name: found[tagNames.member] ?? text(component?.props.name) ?? resource.name,
      environment: found[tagNames.environment],
      version: found[tagNames.version] ?? text(component?.props.version),
      zone:
        component?.props.zone ??
        volumes.map((volume) => at(volume.props, "availabilityZone")).find((zone) => zone !== undefined) ??
        at(resource.props, "availabilityZone"),
      resource,
      instance,
      component,
      volumes,
      attachments,
      interfaces,
    };
  };
  const withMachine = machines.map((machine) =>
    member(
      machine,
      components.find((component) => component === machine.parent),
    ),
  );
  const without = components
    .filter((component) => !withMachine.some((each) => each.component === component))
    .map((component) => member(undefined, component));
  return [...withMachine, ...without];
}

function text(value: Value): string | undefined {
  return typeof value === "string" ? value : undefined;
}
