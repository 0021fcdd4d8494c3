import { mkdirSync } from "node:fs";
import { run } from "../../tools/run";

/** Where a world keeps everything: memory that only it can see. */
export const worldDirectory = "/run/etcd-drill";

/**
 * Options of unshare(1) for the process in which a world lives. It has its own mounts, network and processes, and all
 * of them end with it.
 */
export const unshareOptions = [
  ...["--mount", "--net", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"],
  ...["--propagation", "private"],
];

/** Where to set the limits of slow volumes, on computers with separate hierarchies of control groups. */
export const blockLimits = "/run/etcd-drill-limits";

/** Makes the private mounts and the loopback that a world needs; call it only inside {@link unshareOptions}. */
export async function prepareSpace(): Promise<void> {
  await run("ip", ["link", "set", "lo", "up"]);
  // Use one hierarchy of control groups, whatever the computer itself uses.
  await run("umount", ["--recursive", "/sys/fs/cgroup"]);
  await run("mount", ["-t", "cgroup2", "none", "/sys/fs/cgroup"]);
  mkdirSync(blockLimits, { recursive: true });
  await run("mount", ["-t", "cgroup", "-o", "blkio", "none", blockLimits]).catch(() => undefined);
  // Volumes are in memory: the default, half of it, is too small for a store of 1 GB on several machines.
  for (const directory of ["/run/netns", worldDirectory]) {
    mkdirSync(directory, { recursive: true });
    await run("mount", ["-t", "tmpfs", "-o", "size=90%", "none", directory]);
  }
}
