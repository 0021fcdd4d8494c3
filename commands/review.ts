import { Option } from "commander";
import ora from "ora";
import { PackError } from "../review/analyzer";
import { readPackConfig } from "../review/config";
import { reviewHtml } from "../review/html";
import { reviewJunit } from "../review/junit";
import { reviewMarkdown } from "../review/markdown";
import { Outputs } from "./outputs";
import { review } from "../review/review";
import { readState } from "../review/state";
import { reviewText, summary } from "../review/text";
import {
  Interrupted,
  runCommand,
  stackCommand,
  stackOf,
  untilInterrupted,
  type StackOptions,
} from "./command";

interface Options extends StackOptions {
  state?: string;
  policyConfig?: string;
  json?: boolean;
  junit?: string;
  markdown?: string;
  html?: string;
  base?: string;
}

const program = stackCommand(
  "review",
  "Judges a stack by the policy pack, without cloud, credentials or Pulumi CLI",
  "review",
)
  .option("--state <file>", "review a stack's export (pulumi stack export) instead of a program")
  .option("--policy-config <file>", "configuration of the pack, JSON or YAML")
  .option("--json", "print the review as JSON")
  .option("--junit <file>", "also write JUnit XML")
  .option("--markdown <file>", "also write Markdown for a pull request")
  .option("--html <file>", "also write one self-contained page")
  .addOption(
    new Option(
      "--base <rev|file>",
      "say what changed since a revision of git or another stack file",
    ).conflicts("state"),
  )
  .action(run);

async function run({ state, base, policyConfig, json, ...options }: Options): Promise<void> {
  const { stack, junit, markdown, html } = options;
  const config = policyConfig === undefined ? {} : readPackConfig(policyConfig);
  const subject = state === undefined ? { program: stackOf(options), base } : { state: readState(state) };
  const outputs = new Outputs({ junit, markdown, html });
  const interrupted = untilInterrupted();
  const spinner = ora(`review ${state ?? stack}`).start();
  try {
    const { review: result, resources } = await review(subject, config, interrupted);
    outputs.write("junit", () => reviewJunit(result));
    outputs.write("markdown", () => reviewMarkdown(result));
    outputs.write("html", () => reviewHtml(result, resources));
    if (result.ok) spinner.succeed(summary(result));
    else spinner.fail(summary(result));
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `\n${reviewText(result)}\n`);
    if (!result.ok) process.exitCode = 1;
  } finally {
    spinner.stop();
  }
}

void runCommand(program, [PackError, Interrupted]);
