import * as pulumi from "@pulumi/pulumi";
import { parseCluster, type ClusterSpec } from "./spec";
import { settingsRefused } from "./spec/refused";

/** Settings that are texts as they stand; Pulumi hands every other one over as JSON. */
const texts = new Set(["cluster", "environment", "version", "mirror", "size", "discovery"]);

/**
 * The stack's settings: every key of this project's namespace in Pulumi.<stack>.yaml, checked whole.
 * @throws pulumi.RunError naming each key that breaks a rule, its value and the rule
 */
export function readSettings(): ClusterSpec {
  const namespace = `${pulumi.getProject()}:`;
  const declaration = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(namespace))
      .map(([key, value]) => [key.slice(namespace.length), value] as const)
      .map(([key, value]) => [key, texts.has(key) ? value : fromJson(value)]),
  );
  const parsed = parseCluster(declaration, stackRegion());
  if ("spec" in parsed) return parsed.spec;
  const lines = parsed.problems.map(({ path, message }) => `  ${namespace}${path}: ${message}`);
  throw new pulumi.RunError([settingsRefused, ...lines].join("\n"));
}

/** The region that the AWS provider takes, from where it takes it. */
function stackRegion(): string | undefined {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return pulumi.runtime.allConfig()["aws:region"] ?? (AWS_REGION || AWS_DEFAULT_REGION || undefined);
}

/** A value as Pulumi hands it over; what is no JSON stays a text, for the schema to name. */
function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
