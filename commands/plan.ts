import { planOf } from "../plan/plan";
import { planText } from "../plan/text";
import { picture } from "../plan/picture";
import { record } from "../record";
import { loadStack } from "../record/project";
import { Outputs } from "./outputs";
import { command, runCommand } from "./command";

const program = command("plan", "Shows what a stack would make, without cloud, credentials or Pulumi CLI")
  .option("--stack <name>", "stack to plan", "prod")
  .option("--json", "print the plan as JSON")
  .option("--svg <file>", "write a picture of the members on their zones too")
  .action(async ({ stack, json, svg }: { stack: string; json?: boolean; svg?: string }) => {
    const outputs = new Outputs({ svg });
    const recording = await record(loadStack(process.cwd(), stack));
    outputs.write("svg", () => `${picture(recording.resources)}\n`);
    const plan = planOf(recording);
    process.stdout.write(`${json ? JSON.stringify(plan, null, 2) : planText(plan, recording)}\n`);
  });

void runCommand(program);
