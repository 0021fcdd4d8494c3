import type { World } from "../world/world";
import type { Fault } from "./fault";

const addresses = (world: World, members: readonly string[]) =>
  members.map((member) => world.addressOf(member));

/** Nothing passes between these members and the rest. */
export function cutOff(away: readonly string[], rest: readonly string[]): Fault {
  return {
    name: `${away.join(", ")} is cut off`,
    inject: (world) => world.network.cut(addresses(world, away), addresses(world, rest)),
    heal: (world) => world.network.heal(),
  };
}

/** One in five packets that these members send is lost. */
export function packetLoss(members: readonly string[]): Fault {
  return {
    name: `${members.join(", ")} lose one packet in five`,
    inject: (world) => world.network.lose(addresses(world, members)),
    heal: (world) => world.network.heal(),
  };
}

/** AWS and the mirror are out of reach for these members. */
export function awsOutOfReach(members: readonly string[]): Fault {
  return {
    name: `AWS is out of reach for ${members.join(", ")}`,
    inject: (world) => world.network.deafen(addresses(world, members)),
    heal: (world) => world.network.heal(),
  };
}
