import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { Rule } from "../policies/rule";
import { rules } from "../policies/rules";
import { SettingsError } from "../record/settingsError";
import type { Level, PackConfig } from "./analyzer";

/** A policy's part of a configuration file, as `pulumi preview --policy-pack-config` takes it. */
const entry = z.union([z.string(), z.record(z.string(), z.unknown())], {
  error: "must be an enforcement level or a map of settings",
});

/**
 * Reads a pack's configuration, JSON or YAML: a map from a policy's name to its enforcement level or to its settings.
 * Mandatory rules stay mandatory, and their figures may only become stricter.
 * @throws SettingsError naming the file, the policy and the setting
 */
export function readPackConfig(file: string): PackConfig {
  const refuse = (problem: string) => new SettingsError(`${file}: ${problem}`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw refuse(`cannot be read: ${(error as Error).message}`);
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) throw refuse(`is neither JSON nor YAML: ${document.errors[0]!.message}`);
  const parsed = z.record(z.string(), entry).safeParse(document.toJS());
  if (!parsed.success) throw refuse(issuesText(parsed.error));

  const config: PackConfig = {};
  for (const [name, value] of Object.entries(parsed.data)) {
    const rule = rules.find((each) => each.name === name);
    if (rule === undefined) throw refuse(`${name}: no such rule; the pack has ${names()}`);
    const { enforcementLevel = rule.level, ...settings } =
      typeof value === "string" ? { enforcementLevel: value } : value;
    const checked = rule.settings.safeParse(settings, { error: beyond });
    if (!checked.success) throw refuse(`${name}: ${issuesText(checked.error)}`);
    config[name] = { level: levelOf(rule, enforcementLevel, refuse), settings };
  }
  return config;
}

function levelOf(rule: Rule, wanted: unknown, refuse: (problem: string) => SettingsError): Level {
  const setting = `${rule.name}: enforcementLevel: ${JSON.stringify(wanted)}`;
  const allowed: Level[] = rule.level === "mandatory" ? ["mandatory"] : ["advisory", "mandatory", "disabled"];
  const level = allowed.find((each) => each === wanted);
  if (level === undefined) {
    const why = rule.level === "mandatory" ? "; the rule is mandatory and stays so" : "";
    throw refuse(`${setting}: must be ${allowed.join(", ")}${why}`);
  }
  return level;
}

/** The message for a figure out of bounds; undefined keeps the schema's own. */
function beyond({ code, input, minimum, maximum }: z.core.$ZodRawIssue): string | undefined {
  const bound =
    code === "too_big"
      ? `at most ${String(maximum)}`
      : code === "too_small"
        ? `at least ${String(minimum)}`
        : undefined;
  return bound && `${String(input)} must be ${bound}; figures may only become stricter`;
}

function issuesText(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
}

function names(): string {
  return rules.map(({ name }) => name).join(", ");
}
