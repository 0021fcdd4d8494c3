/**
 * Limits of EBS volume types (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html): GiB,
 * I/O operations a second, MiB/s. gp3's are the older ones, which hold in every region and Outpost.
 */
interface VolumeLimits {
  sizeGiB: readonly [number, number];
  /** Operations a second that can be provisioned; undefined where they follow from the size. */
  iops?: readonly [number, number];
  iopsPerGiB?: number;
  throughput?: readonly [number, number];
  throughputPerIops?: number;
}

export const volumeLimits: Readonly<Record<string, VolumeLimits>> = {
  gp2: { sizeGiB: [1, 16_384] },
  gp3: {
    sizeGiB: [1, 16_384],
    iops: [3000, 16_000],
    iopsPerGiB: 500,
    throughput: [125, 1000],
    throughputPerIops: 0.25,
  },
  io1: { sizeGiB: [4, 16_384], iops: [100, 64_000], iopsPerGiB: 50 },
  io2: { sizeGiB: [4, 65_536], iops: [100, 256_000], iopsPerGiB: 1000 },
  st1: { sizeGiB: [125, 16_384] },
  sc1: { sizeGiB: [125, 16_384] },
  standard: { sizeGiB: [1, 1024] },
};

/** What EBS would refuse about a volume, in EBS' terms. */
export function volumeProblems(volume: {
  type: string;
  sizeGiB: number;
  iops?: number;
  throughput?: number;
}): string[] {
  const { type, sizeGiB, iops, throughput } = volume;
  const limits = volumeLimits[type];
  if (limits === undefined) return [`${type} is not an EBS volume type`];
  const found: string[] = [];
  const within = (what: string, value: number | undefined, range: readonly [number, number] | undefined) => {
    if (value === undefined) return;
    if (range === undefined) found.push(`${type} takes no ${what}`);
    else if (value < range[0] || value > range[1])
      found.push(`${value} ${what}: ${type} takes ${range[0]} to ${range[1]}`);
  };
  within("GiB", sizeGiB, limits.sizeGiB);
  within("IOPS", iops, limits.iops);
  within("MiB/s", throughput, limits.throughput);
  if (
    iops !== undefined &&
    limits.iopsPerGiB !== undefined &&
    iops > Math.max(limits.iopsPerGiB * sizeGiB, limits.iops![0])
  )
    found.push(`${iops} IOPS on ${sizeGiB} GiB: ${type} takes ${limits.iopsPerGiB} for each GiB`);
  if (
    iops !== undefined &&
    throughput !== undefined &&
    throughput > (limits.throughputPerIops ?? Infinity) * iops
  )
    found.push(`${throughput} MiB/s with ${iops} IOPS: ${type} takes ${limits.throughputPerIops} for each`);
  return found;
}
