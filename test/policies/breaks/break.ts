import type { World } from "../world";

/** One way to break the production stack. */
export interface Break {
  title: string;
  apply(world: World): void;
  /** Every rule that refuses or advises against it. */
  foundBy: string[];
  /** The same in a preview, where it differs: what is broken is not known there. */
  foundInPreviewBy?: string[];
}
