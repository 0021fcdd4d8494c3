import type { PolicyResource } from "@pulumi/policy";
import { tagNames } from "../../contract/tags";
import { takeFromTemplates } from "./launchTemplates";
import { membersOf, type Member } from "./members";
import { programsOf } from "./programs";
import { plainResources, tags, type Resource } from "./resource";
import { readUserData, type UserData } from "./userData";

export type { Member } from "./members";

/** Type tokens that rules ask for. */
export const types = {
  instance: "aws:ec2/instance:Instance",
  spotRequest: "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
  launchTemplate: "aws:ec2/launchTemplate:LaunchTemplate",
  autoScalingGroup: "aws:autoscaling/group:Group",
  volume: "aws:ebs/volume:Volume",
  attachment: "aws:ec2/volumeAttachment:VolumeAttachment",
  networkInterface: "aws:ec2/networkInterface:NetworkInterface",
  securityGroup: "aws:ec2/securityGroup:SecurityGroup",
  cluster: "etcd:index:EtcdCluster",
  member: "etcd:index:EtcdMember",
} as const;

/** One etcd cluster of the stack: our components, or plain AWS resources that carry its tags. */
export interface Cluster {
  name: string;
  /** `testing` only if it is declared so. */
  environment: "production" | "testing";
  members: Member[];
  /** The resource that a finding about the whole cluster names: its component, or else its first machine. */
  resource: Resource;
}

/** The stack as rules see it. */
export class StackResources {
  readonly resources: readonly Resource[];
  readonly clusters: readonly Cluster[];

  constructor(resources: readonly PolicyResource[]) {
    this.resources = plainResources(resources);
    takeFromTemplates(this.resources);
    this.clusters = this.findClusters();
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** Resources of one type that carry the cluster's tag. */
  tagged(type: string, cluster: Cluster): Resource[] {
    return this.ofType(type).filter((resource) => tags(resource)[tagNames.cluster] === cluster.name);
  }

  /**
   * Everything that a machine's user data gives it: the user data itself, and the programs that it names, if the stack
   * has them.
   */
  machineTexts(resource: Resource): UserData {
    const { texts, unread } = readUserData(resource);
    const programs = programsOf(texts.join("\n"), this.resources);
    return { texts: typeof programs === "string" ? [...texts, programs] : texts, unread };
  }

  private findClusters(): Cluster[] {
    const components = new Map(
      this.ofType(types.cluster).map((resource) => [resource.props.cluster, resource]),
    );
    const members = membersOf(this.resources);
    const names = new Set([
      ...[...components.keys()].filter((name) => typeof name === "string"),
      ...members.map(({ cluster }) => cluster),
    ]);
    return [...names].map((name) => {
      const own = members.filter(({ cluster }) => cluster === name);
      const component = components.get(name);
      const declared = [component?.props.environment, ...own.map(({ environment }) => environment)];
      const testing = declared.filter(Boolean).every((each) => each === "testing") && declared.some(Boolean);
      return {
        name,
        environment: testing ? "testing" : "production",
        members: own,
        resource: component ?? own[0]!.resource,
      };
    });
  }
}
