import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Pulumi } from "../tools/pulumi";
import { observerVariable } from "./observer";
import { transpiler } from "../record/transpiler";

/** What takes the place of a Pulumi plugin, by the plugin's file name. */
const providers = {
  "pulumi-resource-aws": "aws/provider.ts",
  "pulumi-resource-tls": "tls.ts",
  "pulumi-resource-kubernetes": "kubernetes.ts",
};
const languageHost = { "pulumi-language-nodejs": "languageHost.ts" };

/** A separate place for the engine: it shares nothing with the user's own Pulumi. */
export interface EnginePlace {
  /** Directory with everything that the engine and the stand-ins keep, including secrets. */
  home: string;
  pulumi: Pulumi;
  /** Path of an observed socket, see `observe`. */
  observer?: string;
}

/** Where the stand-in for AWS keeps its resources. */
export function cloudDirectory({ home }: EnginePlace): string {
  return join(home, "cloud");
}

/**
 * Installs the stand-ins as plugins on PATH, where the engine finds them, and returns the environment for `pulumi`: a
 * backend of files, a passphrase, no request to the internet. The language host is the one beside `pulumi`, if there is
 * one.
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
