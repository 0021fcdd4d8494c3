import type { Fault } from "./fault";
import { machineDies } from "./machines";

/** A member's machine and volume are lost, and Pulumi creates both again. */
export function volumeLost(member: string): Fault {
  return {
    name: `${member}'s machine and volume are lost`,
    async inject(world) {
      await world.end(member, "kill");
      await world.loseVolume(member);
    },
    heal: machineDies(member).heal,
  };
}

/** A member's new volume manages only a few writes a second; later it is replaced with a fast one. */
export function slowVolume(member: string, writesPerSecond: number): Fault {
  const lost = volumeLost(member);
  return {
    name: `${member}'s volume is lost, and the next one is slow`,
    async inject(world) {
      await lost.inject(world);
      world.volume(member).writesPerSecond = writesPerSecond;
      await world.boot(member);
    },
    async heal(world) {
      await lost.inject(world);
      await lost.heal(world);
    },
  };
}

/** Fills the free space on the data volume, most of it at once: a file system reserves some for itself. */
const fill = `
  most=$(($(df --output=avail -B1 /var/lib/etcd | tail -n 1) - 67108864))
  fallocate -l "$most" /var/lib/etcd/filler
  while fallocate -o "$most" -l 131072 /var/lib/etcd/filler 2>/dev/null; do most=$((most + 131072)); done
`;

/** A member's data volume is full. */
export function diskFull(member: string): Fault {
  return {
    name: `${member}'s disk is full`,
    inject: async (world) => void (await world.machine(member).exec("sh", "-c", fill)),
    heal: async (world) => void (await world.machine(member).exec("rm", "/var/lib/etcd/filler")),
  };
}
