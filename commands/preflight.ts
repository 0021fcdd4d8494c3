import { record } from "../record";
import { AwsError, accountOf } from "../operate/aws";
import { preflight } from "../operate/preflight/preflight";
import { preflightText, preflightVerdict } from "../operate/preflight/text";
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
  json?: boolean;
}

const program = stackCommand(
  "preflight",
  "Asks AWS whether it is ready for a stack's first deployment; reads only",
  "ask for",
)
  .option("--json", "print the findings as JSON")
  .action(run);

async function run({ json, ...options }: Options): Promise<void> {
  const program = stackOf(options);
  const signal = untilInterrupted();
  const spinner = spinning(`preflight ${options.stack}`);
  const { progress } = spinner;
  try {
    progress("run the program");
    const recording = await record(program, {}, signal);
    const found = await preflight({ recording, aws: accountOf(program), progress, signal });
    spinner.end(found.ok, preflightVerdict(found));
    process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : `\n${preflightText(found)}\n`);
    if (!found.ok) process.exitCode = 1;
  } finally {
    spinner.stop();
  }
}

void runCommand(program, [AwsError, Interrupted]);
