import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Pulumi } from "../tools/pulumi";
import { observerVariable } from "./observer";
import { transpiler } from "../record/transpiler";

/** What stands where a plugin of Pulumi's stands, by the plugin's file name. */
const providers = {
  "pulumi-resource-aws": "aws/provider.ts",
  "pulumi-resource-tls": "tls.ts",
  "pulumi-resource-kubernetes": "kubernetes.ts",
};
const languageHost = { "pulumi-language-nodejs": "languageHost.ts" };

/** A place of one's own for the engine: nothing of it is shared with the user's own Pulumi. */
export interface EnginePlace {
  /** Directory with everything that the engine and the stand-ins keep, secrets too. */
  home: string;
  pulumi: Pulumi;
  /** Path of a socket that is observed, see `observe`. */
  observer?: string;
}

/** Where the stand-in for AWS keeps its resources. */
export function cloudDirectory({ home }: EnginePlace): string {
  return join(home, "cloud");
}

/**
 * Lays the stand-ins out as plugins of the engine, which finds them on PATH, and returns the environment
 * for `pulumi`: a backend of files, a passphrase, no question asked of the internet. The language host is
 * the one beside `pulumi`, where there is one.
 */
export function engineEnvironment(place: EnginePlace): Record<string, string> {
  const { home, pulumi, observer } = place;
  const [bin, backend] = [join(home, "bin"), join(home, "backend")];
  for (const directory of [bin, backend]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const plugins = pulumi.languageHost === undefined ? { ...providers, ...languageHost } : providers;
  for (const [name, file] of Object.entries(plugins)) {
    const command = [process.execPath, "--require", transpiler, join(__dirname, file)];
    const executable = join(bin, name);
    writeFileSync(executable, `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`);
    chmodSync(executable, 0o755);
  }
  return {
    PATH: [bin, process.env.PATH].join(delimiter),
    PULUMI_HOME: join(home, "pulumi"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "rehearsal",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ETCD_STAND_IN_AWS: cloudDirectory(place),
    ...(observer === undefined ? {} : { [observerVariable]: observer }),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
