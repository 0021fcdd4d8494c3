import { Command, CommanderError } from "commander";
import { ToolError } from "../tools/errors";
import { ProgramError } from "../record";
import { loadStack, type StackProgram } from "../record/project";
import { SettingsError } from "../record/settingsError";
import { OutputLost } from "./outputs";

/** A command of this project: its help, and errors of usage that end with exit code 2. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .usage("[-- options]")
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText("after", "\nExit codes: 0 fine, 1 refused or failed, 2 wrong usage or settings.")
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, `${name}: `)) });
}

/** What every command of a stack takes. */
export interface StackOptions {
  stack: string;
  config?: string;
}

/**
 * A command of one stack.
 * @param verb what it does with the stack
 */
export function stackCommand(name: string, description: string, verb: string): Command {
  return command(name, description)
    .option(
      "--stack <name>",
      `stack to ${verb}: its name, organization/name or organization/project/name`,
      "prod",
    )
    .option(
      "--config <file>",
      "what pulumi config --json or pulumi env open prints, for an environment or secrets of the stack",
    );
}

/**
 * The stack that a command's options name, in the directory where it was started.
 * @throws SettingsError naming the file and what is wrong with it
 */
export function stackOf({ stack, config }: StackOptions): StackProgram {
  return loadStack(process.cwd(), stack, config);
}

/** The user ended a command. */
export class Interrupted extends Error {}

/** A signal that aborts when the user ends the command, so that it can clean up. */
export function untilInterrupted(): AbortSignal {
  const aborted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => aborted.abort(new Interrupted(`${signal}: stopped, nothing left behind`)));
  return aborted.signal;
}

/**
 * Says in one line that nobody reads the output any more, or that there is no room for it; the command still runs to
 * its end.
 */
function tellLostOutput(name: string): void {
  let told = false;
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    const problem = code === "EPIPE" ? "nobody reads it any more" : message;
    if (!told) process.stderr.write(`${name}: the output cannot be written: ${problem}\n`);
    told = true;
    process.exitCode = 1;
  });
  process.stderr.on("error", () => (process.exitCode = 1));
}

/** Runs a command to its end and sets the exit code; the user's mistakes are reported without a stack trace. */
export async function runCommand(
  program: Command,
  knownErrors: (new (...args: never[]) => Error)[] = [],
): Promise<void> {
  tellLostOutput(program.name());
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // If the help could not be printed, the exit code already says so.
      if (error.exitCode !== 0) process.exitCode = 2;
    } else if (error instanceof SettingsError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
    } else {
      const known = [ProgramError, ToolError, OutputLost, ...knownErrors].some(
        (kind) => error instanceof kind,
      );
      // What the system refuses, such as room on a full disk, is not this program's mistake.
      const refused = typeof (error as NodeJS.ErrnoException).syscall === "string";
      const message = known
        ? (error as Error).message
        : refused
          ? `${program.name()}: ${(error as Error).message}`
          : undefined;
      process.stderr.write(`${message ?? String((error as Error).stack)}\n`);
      process.exitCode = 1;
    }
  }
}
