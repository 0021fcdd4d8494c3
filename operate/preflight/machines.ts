import {
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  paginateDescribeInstanceTypeOfferings,
  type _InstanceType,
} from "@aws-sdk/client-ec2";
import { knownImages, outdated } from "../../spec/image";
import { look, type Finding } from "./finding";
import type { Account } from "./needs";

/** What EC2 calls the architectures of etcd's releases. */
const architectures = { amd64: "x86_64", arm64: "arm64" } as const;

/** What the members' machines are made of. */
export function machineLooks(account: Account): Promise<Finding>[] {
  const { machines, spec } = account.needs;
  const { fallbackInstanceType } = spec.machine;
  const types = new Set(machines.map(({ type }) => type));
  return [
    image(account),
    ...[...types].map((type) => instanceType(account, type, zonesOf(account, type))),
    // Where it will be needed is not known before.
    ...(fallbackInstanceType === undefined || types.has(fallbackInstanceType)
      ? []
      : [instanceType(account, fallbackInstanceType, zonesOf(account))]),
  ];
}

/** Zones of machines, of one type or of all. */
function zonesOf({ needs }: Account, type?: string): string[] {
  const machines = needs.machines.filter((each) => type === undefined || each.type === type);
  return [...new Set(machines.map(({ zone }) => zone))].sort();
}

function image({ needs, aws, signal }: Account): Promise<Finding> {
  const { image, architecture } = needs.spec.machine;
  const missing = "name an image of this region in etcd:machine.image";
  return look("image", image, { signal, missing }, async () => {
    const command = new DescribeImagesCommand({ ImageIds: [image] });
    const { Images = [] } = await aws.ec2.send(command, { abortSignal: signal });
    if (Images.length === 0)
      return { seen: "", problems: [`is not there, or not shared with this account: ${missing}`] };
    const { Architecture, State, Name } = Images[0]!;
    // Of others, the machine itself says what they lack.
    const known = knownImages.find(({ published }) => published.test(Name ?? ""));
    const old = known ? outdated(known) : [];
    return {
      seen: `${Name}, ${Architecture}`,
      problems: [
        ...(Architecture === architectures[architecture]
          ? []
          : [
              `is of ${Architecture}, and etcd:machine.architecture says ${architecture}: change one of them`,
            ]),
        ...(State === "available" ? [] : [`is ${State}: name one that is available in etcd:machine.image`]),
        ...(old.length === 0
          ? []
          : [`is ${known!.name}, whose ${old.join(", ")}: take an image of docs/machine-image.md`]),
      ],
    };
  });
}

function instanceType({ needs, aws, signal }: Account, type: string, zones: string[]): Promise<Finding> {
  const { architecture } = needs.spec.machine;
  const InstanceType = type as _InstanceType;
  const missing = "name a type of this region: etcd:size, etcd:machine.fallbackInstanceType";
  return look("instance type", type, { signal, missing }, async () => {
    const until = { abortSignal: signal };
    const command = new DescribeInstanceTypesCommand({ InstanceTypes: [InstanceType] });
    const { InstanceTypes } = await aws.ec2.send(command, until);
    const own = InstanceTypes![0]!.ProcessorInfo?.SupportedArchitectures ?? [];
    const offered = new Set<string>();
    const Filters = [{ Name: "instance-type", Values: [type] }];
    const where = { LocationType: "availability-zone" as const, Filters };
    for await (const { InstanceTypeOfferings = [] } of paginateDescribeInstanceTypeOfferings(
      { client: aws.ec2 },
      where,
      until,
    ))
      for (const { Location } of InstanceTypeOfferings) offered.add(Location!);
    return {
      seen: `offered in ${zones.join(", ")}`,
      problems: [
        ...(own.includes(architectures[architecture])
          ? []
          : [
              `is of ${own.join(", ")}, and etcd:machine.architecture says ${architecture}: change one of them`,
            ]),
        ...zones
          .filter((zone) => !offered.has(zone))
          .map((zone) => `is not offered in ${zone}: take another zone, size or fallback type`),
      ],
    };
  });
}
