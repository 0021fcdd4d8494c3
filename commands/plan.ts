import { planOf } from "../plan/plan";
import { planText } from "../plan/text";
import { picture } from "../plan/picture";
import { record } from "../record";
import { Outputs } from "./outputs";
import { runCommand, stackCommand, stackOf, type StackOptions } from "./command";

interface Options extends StackOptions {
  json?: boolean;
  svg?: string;
}

const program = stackCommand(
  "plan",
  "Shows what a stack would make, without cloud, credentials or Pulumi CLI",
  "plan",
)
  .option("--json", "print the plan as JSON")
  .option("--svg <file>", "write a picture of the members on their zones too")
  .action(async ({ json, svg, ...options }: Options) => {
    const outputs = new Outputs({ svg });
    const recording = await record(stackOf(options));
    outputs.write("svg", () => `${picture(recording.resources)}\n`);
    const plan = planOf(recording);
    process.stdout.write(`${json ? JSON.stringify(plan, null, 2) : planText(plan, recording)}\n`);
  });

void runCommand(program);
