import { InvalidArgumentError } from "commander";
import { AwsError, awsOf } from "../operate/aws";
import { backups } from "../operate/backups/backups";
import { counts } from "../operate/backups/list";
import { backupsText } from "../operate/backups/text";
import {
  Interrupted,
  runCommand,
  stackCommand,
  stackOf,
  untilInterrupted,
  type StackOptions,
} from "./command";
import { spinning } from "./spinner";

interface Options extends StackOptions {
  now?: boolean;
  verify?: number | true;
  json?: boolean;
}

const program = stackCommand(
  "backups",
  "Lists the backups of a stack in its bucket, and proves them",
  "list the backups of",
)
  .option("--now", "ask the members for a backup first, and wait for it")
  .option(
    "--verify [count]",
    "download the newest count backups (1 by default), check them against their manifests, and restore them into a scratch directory",
    count,
  )
  .option("--json", "print the list as JSON")
  .action(run);

async function run({ now = false, verify = 0, json, ...options }: Options): Promise<void> {
  const { stack } = options;
  const program = stackOf(options);
  const signal = untilInterrupted();
  const spinner = spinning(`backups ${stack}`);
  try {
    const asked = { now, verify: verify === true ? 1 : verify };
    const report = await backups({
      program,
      aws: awsOf(program),
      ...asked,
      progress: spinner.progress,
      signal,
    });
    const counting = report.backups.filter(counts).length;
    spinner.end(report.ok, `stack ${stack}: ${counting} of ${report.backups.length} backups count`);
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `\n${backupsText(report)}\n`);
    if (!report.ok) process.exitCode = 1;
  } finally {
    spinner.stop();
  }
}

function count(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError("must be a number of backups, 1 or more.");
  return Number(text);
}

void runCommand(program, [AwsError, Interrupted]);
