import { InvalidArgumentError } from "commander";
import { AwsError, awsOf } from "../operate/aws";
import { verdict, verificationText } from "../operate/verify/text";
import { verify } from "../operate/verify/verify";
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
  wait: number;
  json?: boolean;
}

const program = stackCommand(
  "verify",
  "Says whether what runs in AWS is what the stack declares; reads only",
  "verify",
)
  .option("--wait <minutes>", "wait at most this long for the last machines of a roll", minutes, 0)
  .option("--json", "print the verification as JSON")
  .action(run);

async function run({ wait, json, ...options }: Options): Promise<void> {
  const { stack } = options;
  const program = stackOf(options);
  const signal = untilInterrupted();
  const spinner = spinning(`verify ${stack}`);
  const { progress } = spinner;
  try {
    const verification = await verify({ program, aws: awsOf(program), wait, progress, signal });
    spinner.end(verification.ok, verdict(verification));
    const text = json ? JSON.stringify(verification, null, 2) : `\n${verificationText(verification)}`;
    process.stdout.write(`${text}\n`);
    if (!verification.ok) process.exitCode = 1;
  } finally {
    spinner.stop();
  }
}

function minutes(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("must be whole minutes, 0 to 9999.");
  return Number(text);
}

void runCommand(program, [AwsError, Interrupted]);
