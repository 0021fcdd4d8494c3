import type { World } from "../world/world";

/** Something that goes wrong in a world of drills, and how to put it right again. */
export interface Fault {
  /** What goes wrong, as the drill announces it. */
  name: string;
  inject: (world: World) => Promise<void>;
  heal: (world: World) => Promise<void>;
}

/** Several faults at once, healed at once. */
export function together(...faults: readonly Fault[]): Fault {
  const each = async (act: (fault: Fault) => Promise<void>) => void (await Promise.all(faults.map(act)));
  return {
    name: faults.map(({ name }) => name).join("; "),
    inject: (world) => each((fault) => fault.inject(world)),
    heal: (world) => each((fault) => fault.heal(world)),
  };
}
