import { join } from "node:path";

/** Lets a Node process load TypeScript; pass it to `--require`. */
export const transpiler = join(__dirname, "..", "transpile.cjs");
