import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { ClusterDeclaration } from "../spec";

const root = join(__dirname, "..");

/**
 * Copies the Pulumi project, for callers that would change it; packages are the original's.
 * @param more files and directories besides the program's own
 */
export function copyProject(directory: string, more: readonly string[] = []): void {
  const files = ["index.ts", "settings.ts", "package.json", "Pulumi.yaml", "Pulumi.prod.yaml"];
  const transpiling = [".swcrc", "transpile.cjs"];
  for (const part of [
    ...files,
    ...transpiling,
    "aws",
    "components",
    "contract",
    "guard",
    "kubernetes",
    "machine",
    "policies",
    "spec",
    "text",
    ...more,
  ])
    cpSync(join(root, part), join(directory, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
}

/** Changes the settings of the production stack in a copy of the project. */
export function changeSettings(directory: string, change: (settings: ClusterDeclaration) => void): void {
  const file = join(directory, "Pulumi.prod.yaml");
  const content = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const { config } = content;
  const own = Object.keys(config).filter((key) => key.startsWith("etcd:"));
  const settings = Object.fromEntries(own.map((key) => [key.slice("etcd:".length), config[key]]));
  change(settings as unknown as ClusterDeclaration);
  for (const key of own) delete config[key];
  for (const [key, value] of Object.entries(settings)) config[`etcd:${key}`] = value;
  writeFileSync(file, stringify(content));
}
