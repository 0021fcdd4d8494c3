import type { Fault } from "./fault";

/** A member's machine is suddenly gone; a new one comes up on its volume and address. */
export function machineDies(member: string): Fault {
  return {
    name: `${member}'s machine dies`,
    inject: (world) => world.end(member, "kill"),
    heal: async (world) => void (await world.boot(member)),
  };
}

/** A member's machine shuts down in order, and no new one comes up before the fault is healed. */
export function machineMissing(member: string): Fault {
  return {
    ...machineDies(member),
    name: `${member}'s machine ends`,
    inject: (world) => world.end(member, "shutDown"),
  };
}

/** Machines stop at once and lose what is not on disk. Switched on again, they have the same root disks. */
export function powerCut(members: readonly string[]): Fault {
  return {
    name: `the power goes on ${members.join(", ")}`,
    inject: (world) => world.switchOff(members, "cutPower"),
    heal: (world) => world.switchOn(members),
  };
}

/** Machines stop at once, but what they have written reaches the disks. */
export function reset(members: readonly string[]): Fault {
  return {
    name: `${members.join(", ")} is reset`,
    inject: (world) => world.switchOff(members, "kill"),
    heal: (world) => world.switchOn(members),
  };
}

/** A member's etcd is stopped while its machine runs. */
export function etcdStopped(member: string): Fault {
  const systemctl = (verb: string): Fault["inject"] => {
    return async (world) => void (await world.machine(member).exec("systemctl", verb, "etcd"));
  };
  return { name: `etcd is stopped on ${member}`, inject: systemctl("stop"), heal: systemctl("start") };
}
