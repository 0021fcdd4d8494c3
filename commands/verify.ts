import { InvalidArgumentError } from "commander";
import { AwsError, awsOf } from "../operate/aws";
import { loadStack } from "../record/project";
import { verdict, verificationText } from "../operate/verify/text";
import { verify } from "../operate/verify/verify";
import { command, Interrupted, runCommand, untilInterrupted } from "./command";
import { spinning } from "./spinner";

interface Options {
  stack: string;
  wait: number;
  json?: boolean;
}

const program = command("verify", "Says whether what runs in AWS is what the stack declares; reads only")
  .option("--stack <name>", "stack to verify", "prod")
  .option("--wait <minutes>", "wait for the last machines of a roll, at most so long", minutes, 0)
  .option("--json", "print the verification as JSON")
  .action(run);

async function run({ stack, wait, json }: Options): Promise<void> {
  const program = loadStack(process.cwd(), stack);
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
