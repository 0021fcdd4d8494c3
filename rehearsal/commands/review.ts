import ora from "ora";
import { PackError } from "../review/analyzer";
import { readPackConfig } from "../review/config";
import { reviewJunit } from "../review/junit";
import { reviewMarkdown } from "../review/markdown";
import { Outputs } from "../review/outputs";
import { review } from "../review/review";
import { readState } from "../review/state";
import { reviewText, summary } from "../review/text";
import { loadStack } from "../recorder/project";
import { command, Interrupted, runCommand, untilInterrupted } from "./command";

interface Options {
  stack: string;
  state?: string;
  policyConfig?: string;
  json?: boolean;
  junit?: string;
  markdown?: string;
}

const program = command(
  "review",
  "Judges a stack by the policy pack, without cloud, credentials or Pulumi CLI",
)
  .option("--stack <name>", "stack to review", "prod")
  .option("--state <file>", "review a stack's export (pulumi stack export) instead of a program")
  .option("--policy-config <file>", "configuration of the pack, JSON or YAML")
  .option("--json", "print the review as JSON")
  .option("--junit <file>", "write JUnit XML too")
  .option("--markdown <file>", "write Markdown for a pull request too")
  .action(run);

async function run({ stack, state, policyConfig, json, junit, markdown }: Options): Promise<void> {
  const config = policyConfig === undefined ? {} : readPackConfig(policyConfig);
  const subject =
    state === undefined ? { program: loadStack(process.cwd(), stack) } : { state: readState(state) };
  const outputs = new Outputs({ junit, markdown });
  const spinner = ora(`review ${state ?? stack}`).start();
  try {
    const result = await review(subject, config, untilInterrupted());
    outputs.write("junit", () => reviewJunit(result));
    outputs.write("markdown", () => reviewMarkdown(result));
    if (result.ok) spinner.succeed(summary(result));
    else spinner.fail(summary(result));
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `\n${reviewText(result)}\n`);
    if (!result.ok) process.exitCode = 1;
  } finally {
    spinner.stop();
  }
}

void runCommand(program, [PackError, Interrupted]);
