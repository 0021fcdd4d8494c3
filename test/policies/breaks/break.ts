import type { PackConfig } from "../../../review/analyzer";
import type { Declared } from "../declared";

/** One way to break the production stack. */
export interface Break {
  title: string;
  apply(declared: Declared): void;
  /** Every rule that finds it. */
  foundBy: string[];
  /** The same of plain AWS resources, where it differs: what is broken is in our components alone. */
  plainFoundBy?: string[];
  /** Mandatory rules that only warn of it. */
  warnedBy?: string[];
  /** The pack's configuration. */
  config?: PackConfig;
  /** The same in a preview, where it differs: what is broken is not known there. */
  foundInPreviewBy?: string[];
}
