import { planOf } from "../plan/plan";
import { planText } from "../plan/text";
import { record } from "../recorder";
import { loadStack } from "../recorder/project";
import { command, runCommand } from "./command";

const program = command("plan", "Shows what a stack would make, without cloud, credentials or Pulumi CLI")
  .option("--stack <name>", "stack to plan", "prod")
  .option("--json", "print the plan as JSON")
  .action(async ({ stack, json }: { stack: string; json?: boolean }) => {
    const recording = await record(loadStack(process.cwd(), stack));
    const plan = planOf(recording);
    process.stdout.write(`${json ? JSON.stringify(plan, null, 2) : planText(plan, recording)}\n`);
  });

void runCommand(program);
