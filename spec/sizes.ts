/**
 * Size profiles after etcd's hardware guide (https://etcd.io/docs/current/op-guide/hardware/, "Example hardware
 * configurations"). The guide names m4 types and the concurrent IOPS and disk bandwidth each size was tried with; these
 * are the current EC2 types with the same vCPU and memory, and volumes that provide at least those figures
 * (https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html and …/provisioned-iops.html for the limits of
 * gp3 and io2).
 */

export type SizeName = "small" | "medium" | "large" | "xlarge";
export type Architecture = "amd64" | "arm64";

export interface SizeProfile {
  /** Kubernetes nodes that the hardware guide tried this size with. */
  readonly kubernetesNodes: number;
  /** EC2 instance type for each machine architecture: fixed performance, no burstable types. */
  readonly instanceType: Readonly<Record<Architecture, string>>;
  readonly volume: {
    readonly type: "gp3" | "io2";
    /** Size in GiB: room for the store at its quota, its WAL, one snapshot and one restored generation. */
    readonly sizeGiB: number;
    /** Provisioned I/O operations a second. */
    readonly iops: number;
    /** Provisioned throughput in MiB/s; only gp3 takes it, io2's follows from its IOPS. */
    readonly throughput?: number;
  };
  /**
   * `--quota-backend-bytes`. etcd's default is 2 GiB, its advised maximum 8 GiB
   * (https://etcd.io/docs/current/dev-guide/limit/).
   */
  readonly quotaBytes: number;
}

const GiB = 1024 ** 3;

export const sizes: Readonly<Record<SizeName, SizeProfile>> = {
  // The guide: 2 vCPU, 8 GB, 3,600 concurrent IOPS, 56.25 MB/s. 125 MiB/s is gp3's minimum.
  small: {
    kubernetesNodes: 50,
    instanceType: { amd64: "m7i.large", arm64: "m7g.large" },
    volume: { type: "gp3", sizeGiB: 20, iops: 3600, throughput: 125 },
    quotaBytes: 2 * GiB,
  },
  // The guide: 4 vCPU, 16 GB, 6,000 concurrent IOPS, 93.75 MB/s.
  medium: {
    kubernetesNodes: 250,
    instanceType: { amd64: "m7i.xlarge", arm64: "m7g.xlarge" },
    volume: { type: "gp3", sizeGiB: 40, iops: 6000, throughput: 125 },
    quotaBytes: 4 * GiB,
  },
  // The guide: 8 vCPU, 32 GB, 8,000 concurrent IOPS, 125 MB/s.
  large: {
    kubernetesNodes: 1000,
    instanceType: { amd64: "m7i.2xlarge", arm64: "m7g.2xlarge" },
    volume: { type: "gp3", sizeGiB: 80, iops: 8000, throughput: 250 },
    quotaBytes: 8 * GiB,
  },
  // The guide: 16 vCPU, 64 GB, 16,000 concurrent IOPS, 250 MB/s. io2, because at this size a volume's latency limits
  // etcd, not its IOPS, and io2's is lower.
  xlarge: {
    kubernetesNodes: 3000,
    instanceType: { amd64: "m7i.4xlarge", arm64: "m7g.4xlarge" },
    volume: { type: "io2", sizeGiB: 80, iops: 16000 },
    quotaBytes: 8 * GiB,
  },
};

export const sizeNames = Object.keys(sizes) as [SizeName, ...SizeName[]];
