import { join } from "node:path";

/** What lets a Node process load TypeScript, to be given to it by `--require`. */
export const transpiler = join(__dirname, "..", "transpile.cjs");
