import { planOf } from "../plan/plan";
import { planText } from "../plan/text";
import { picture } from "../plan/picture";
import { record } from "../record";
import type { Recording } from "../record/recording";
import { Outputs } from "./outputs";
import { runCommand, stackCommand, stackOf, type StackOptions } from "./command";

interface Options extends StackOptions {
  json?: boolean;
  permissions?: boolean;
  svg?: string;
}

const program = stackCommand(
  "plan",
  "Shows what a stack would make, without cloud, credentials or Pulumi CLI",
  "plan",
)
  .option("--json", "print the plan as JSON")
  .option(
    "--permissions",
    "print the permissions that whoever deploys needs, as IAM policy documents by name, instead of the plan",
  )
  .option("--svg <file>", "also write a picture of the members in their zones")
  .action(async ({ json, permissions, svg, ...options }: Options) => {
    const outputs = new Outputs({ svg });
    const recording = await record(stackOf(options));
    outputs.write("svg", () => `${picture(recording.resources)}\n`);
    process.stdout.write(`${printed(recording, { json, permissions })}\n`);
  });

function printed(recording: Recording, { json, permissions }: Pick<Options, "json" | "permissions">): string {
  if (permissions) return JSON.stringify(permissionDocuments().permissionsOf(recording), null, 2);
  const plan = planOf(recording);
  return json ? JSON.stringify(plan, null, 2) : planText(plan, recording);
}

/** Loaded on demand: other plans do not wait for their tables. */
function permissionDocuments() {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("../plan/permissions/documents") as typeof import("../plan/permissions/documents");
}

void runCommand(program);
