import { Option } from "commander";
import ora, { type Ora } from "ora";
import type { EtcdSource } from "../tools/etcd";
import { stopKept } from "../rehearse/leftovers";
import { SupervisorLost } from "../rehearse/processes";
import { etcdctlArguments, seconds, type Running } from "../rehearse/proofs";
import { rehearse, type Progress, type RehearsalReport } from "../rehearse/rehearse";
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
  keep?: boolean;
  stop?: boolean;
  json?: boolean;
}

const program = stackCommand(
  "start",
  "Rehearses a stack: runs its members for real on this computer and proves them",
  "rehearse",
)
  .addOption(
    new Option(
      "--etcd-from <source>",
      "where etcd comes from; auto tries cache, PATH, release, Go modules in turn",
    )
      .choices(["auto", "path", "release", "go"])
      .default("auto"),
  )
  .addOption(new Option("--keep", "leave the members running and say how to reach them").conflicts("stop"))
  .option("--stop", "end what --keep left running")
  .option("--json", "print the report as JSON")
  .action((options: Options) => (options.stop ? stop(options) : start(options)));

async function start({ etcdFrom, keep, json, ...options }: Options): Promise<void> {
  let reach = "";
  const report = await rehearse({
    program: stackOf(options),
    from: etcdFrom,
    progress: spinner(),
    signal: untilInterrupted(),
    whenProved: async (running) => {
      if (!keep) return;
      await running.processes.keep();
      reach = howToReach(running);
    },
  });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `\n${reportText(report)}\n${reach}`);
  if (!report.ok) process.exitCode = 1;
}

async function stop({ json }: Options): Promise<void> {
  const stopped = await stopKept();
  const text = stopped.length === 0 ? "nothing was left running" : `ended: ${stopped.join(", ")}`;
  process.stdout.write(json ? `${JSON.stringify({ stopped })}\n` : `${text}\n`);
}

/** Progress on standard error: a spinner on a terminal, one line per step elsewhere. */
function spinner(): Progress {
  let current: Ora;
  return {
    begin: (title) => (current = ora(title).start()),
    update: (detail) => (current.text = `${current.text.split(":")[0]}: ${detail}`),
    end: ({ title, ok, detail }) =>
      ok ? current.succeed(`${title}: ${detail}`) : current.fail(`${title}: ${detail}`),
  };
}

function reportText({ stack, ok, steps, exchanges, apiServer, readyMilliseconds }: RehearsalReport): string {
  const rows = steps.map((step) => [
    step.ok ? "ok" : "FAILED",
    step.title,
    seconds(step.milliseconds),
    step.detail,
  ]);
  const sections = [table(["RESULT", "STEP", "TOOK", "SEEN"], rows)];
  if (exchanges) {
    const exchanged = exchanges.map(({ member, declared, here }) => [member, declared, here]);
    sections.push(
      `Exchanged, as the members ran on this computer:\n${table(["MEMBER", "DECLARED", "HERE"], exchanged)}`,
    );
  }
  if (apiServer) sections.push(`API server flags, as declared:\n${apiServer.flags.join("\n")}`);
  sections.push(
    ok
      ? `Stack ${stack} rehearsed: ${steps.length} steps, all members ready after ${seconds(readyMilliseconds!)}`
      : `Stack ${stack} was not proved`,
  );
  return sections.join("\n\n");
}

function howToReach(running: Running): string {
  const { etcdctl } = running.binaries;
  return `
The members keep running. To reach them:
  ${[etcdctl, ...etcdctlArguments(running), "member list"].join(" ")}
To end them:
  npm start -- --stop
`;
}

void runCommand(program, [Interrupted, SupervisorLost]);
