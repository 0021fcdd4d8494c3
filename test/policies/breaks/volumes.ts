import type { Properties } from "../../../record/values";
import type { Declared } from "../declared";
import type { Break } from "./break";
import { attachment, instance, volume } from "./types";

/** Breaks of the data volumes. */
export const volumes: Break[] = [
  {
    title: "a data volume that is not encrypted",
    apply: (declared) => declared.edit(volume, /member1$/, (inputs) => (inputs.encrypted = false)),
    foundBy: ["etcd-volumes-encrypted"],
  },
  {
    title: "a data volume under AWS' own key",
    apply: (declared) =>
      declared.edit(volume, /member1$/, (inputs, resource) => {
        delete inputs.kmsKeyId;
        delete resource.propertyDependencies.kmsKeyId;
      }),
    foundBy: ["etcd-volumes-encrypted"],
  },
  {
    title: "a root volume that is not encrypted",
    apply: (declared) =>
      declared.edit(instance, /member1$/, (inputs) => {
        inputs.rootBlockDevice = { volumeType: "gp3", encrypted: false };
      }),
    foundBy: ["etcd-volumes-encrypted"],
  },
  {
    title: "a data volume without protection",
    apply: (declared) =>
      declared.edit(volume, /member1$/, (_, resource) => (resource.options.protect = false)),
    foundBy: ["etcd-volumes-protected"],
  },
  {
    title: "deletion protection off in production",
    apply: (declared) =>
      declared.edit(instance, /member\d$/, (inputs) => {
        (inputs.tags as Properties)["etcd:deletion-protection"] = "false";
      }),
    foundBy: ["etcd-volumes-protected"],
  },
  {
    title: "a machine without a volume of its own",
    apply: (declared) => declared.remove(({ type, name }) => type === attachment && name.endsWith("member5")),
    foundBy: ["etcd-volume-survives-machine"],
  },
  {
    title: "data on a disk that is made with the machine",
    apply: (declared) =>
      declared.edit(instance, /member1$/, (inputs) => {
        inputs.ebsBlockDevices = [{ deviceName: "/dev/sdg", volumeSize: 100 }];
      }),
    foundBy: ["etcd-volume-survives-machine"],
  },
  {
    title: "gp2, too small for the IOPS that its size asks",
    apply: (declared) => provision(declared, { type: "gp2", size: 40 }),
    foundBy: ["etcd-disk-performance"],
  },
  {
    title: "no type, which is gp2 for AWS",
    apply: (declared) => provision(declared, { size: 40 }),
    foundBy: ["etcd-disk-performance"],
  },
  ...["io1", "io2"].map((type) => ({
    title: `${type} with its least IOPS`,
    apply: (declared: Declared) => provision(declared, { type, size: 40, iops: 100 }),
    foundBy: ["etcd-disk-performance"],
  })),
  ...["standard", "st1", "sc1"].map((type) => ({
    title: `${type}, a magnetic disk`,
    apply: (declared: Declared) => provision(declared, { type, size: 500 }),
    foundBy: ["etcd-disk-performance"],
  })),
  {
    title: "fewer IOPS than any size asks",
    apply: (declared) =>
      declared.edit(volume, /member1$/, (inputs) => Object.assign(inputs, { type: "gp3", iops: 100 })),
    foundBy: ["etcd-disk-performance"],
  },
];

function provision(declared: Declared, given: Properties): void {
  declared.edit(volume, /member1$/, (inputs) => {
    for (const name of ["type", "size", "iops", "throughput"]) delete inputs[name];
    Object.assign(inputs, given);
  });
}
