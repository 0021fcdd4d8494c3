import { Option } from "commander";
import ora, { type Ora } from "ora";
import type { EtcdSource } from "../tools/etcd";
import { seconds } from "../rehearse/proofs";
import {
  assertCanDrill,
  CannotDrill,
  prepare,
  runScenarios,
  worldsOf,
  type DrillResult,
} from "../drill/harness/runner";
import { scenarios } from "../drill/scenarios";
import { SettingsError } from "../record/settingsError";
import { table } from "../text/table";
import {
  Interrupted,
  runCommand,
  stackCommand,
  stackOf,
  untilInterrupted,
  type StackOptions,
} from "./command";

interface Options extends StackOptions {
  etcdFrom: "auto" | EtcdSource;
  list?: boolean;
  keep?: boolean;
  json?: boolean;
}

const program = stackCommand(
  "drill",
  "Drills a stack on whole machines: boots its user data, and lives through faults",
  "drill",
)
  .argument("[names...]", "drills to run; all of them if none is named")
  .addOption(
    new Option("--etcd-from <source>", "where etcd comes from")
      .choices(["auto", "path", "release", "go"])
      .default("auto"),
  )
  .option("--list", "list the drills")
  .option("--keep", "leave the machines of the last drill running until Ctrl-C, and say how to reach them")
  .option("--json", "print results as JSON")
  .allowExcessArguments(true)
  .action(run);

async function run(names: string[], { etcdFrom, list, keep, json, ...options }: Options): Promise<void> {
  if (list) {
    const known = worldsOf(scenarios).flatMap((together, world) =>
      together.map(({ name, title }) => ({ name, title, world })),
    );
    const text = () =>
      table(
        ["NAME", "WHAT IT PROVES"],
        known.map(({ name, title }) => [name, title]),
      );
    process.stdout.write(`${json ? JSON.stringify(known, null, 2) : text()}\n`);
    return;
  }
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0)
    throw new SettingsError(`drill: no drill ${unknown.join(", ")}; npm run drill -- --list names them`);
  const chosen = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));
  const stackProgram = stackOf(options);
  assertCanDrill();

  const signal = untilInterrupted();
  const spinner = ora("preparing").start();
  let results: DrillResult[];
  try {
    const ground = await prepare(stackProgram, chosen, etcdFrom, (what) => (spinner.text = what), signal);
    results = await runScenarios(
      chosen,
      ground,
      {
        began: ({ name }) => spinner.start(name),
        tell: ({ name }, event) => {
          if (event.event === "doing") say(spinner, `${name}: ${event.what}`);
        },
        ended: ({ ok, name, seconds: took, failure, journal = "" }) =>
          ok
            ? spinner.succeed(`${name} (${took.toFixed(1)} s)`)
            : spinner.fail(`${name}: ${failure}\n${journal}`),
      },
      { keep: keep ? wait(spinner, signal) : undefined, signal },
    );
  } finally {
    spinner.stop();
  }
  process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : `\n${report(results)}\n`);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

/** Without a terminal to overwrite, each step is a line. */
function say(spinner: Ora, text: string): void {
  spinner.text = text;
  if (!process.stderr.isTTY) process.stderr.write(`  ${text}\n`);
}

function wait(spinner: Ora, signal: AbortSignal): (pid: number) => Promise<void> {
  return async (pid) => {
    spinner.info(
      `the machines run until Ctrl-C; to enter them:\n  nsenter --target $(pgrep --parent ${pid}) --mount --net --pid`,
    );
    await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
  };
}

function report(results: readonly DrillResult[]): string {
  const time = (milliseconds?: number) => (milliseconds === undefined ? "" : seconds(milliseconds));
  const rows = results.flatMap(({ name, ok, seen }) => [
    [ok ? "ok" : "FAILED", name, "", "", "", ""],
    ...seen.map(({ what, timeToHealth, longestGap, acknowledged, lost }) => [
      "",
      `  ${what}`,
      time(timeToHealth),
      time(longestGap),
      acknowledged?.toString() ?? "",
      lost?.toString() ?? "",
    ]),
  ]);
  const failed = results.filter(({ ok }) => !ok).length;
  return [
    table(["RESULT", "DRILL", "TO HEALTH", "LONGEST GAP", "WRITES", "LOST"], rows),
    "",
    `${results.length - failed} drills passed, ${failed} failed`,
  ].join("\n");
}

void runCommand(program, [Interrupted, CannotDrill]);
