import { join } from "node:path";

/** For `--require`: starts a process of Pulumi's SDK without what a recording does not need. */
export const lean = join(__dirname, "lean.ts");

/** Options of Node for a short run that allocates a lot: a larger nursery avoids most collections. */
export const nursery = ["--max-semi-space-size=64", "--min-semi-space-size=64"];
