import { spawn, type ChildProcess } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { commandOf, installedVersion, messages, services, type Language } from "../record/sdk";
import { lean, nursery } from "../record/sdkProcess";
import { unary } from "../record/unary";
import { servePlugin } from "./plugin";
import { transpiler } from "../record/transpiler";

/**
 * Takes the place of Pulumi's language host for Node.js, which comes with Pulumi's releases and is in no package
 * registry. It starts programs and policy packs in the same way, with the commands that @pulumi/pulumi provides for it.
 * It transpiles TypeScript itself, where the real one leaves that to ts-node. As in a recording, it postpones what the
 * SDK prepares for purposes that nobody has here.
 */

const proto = messages.language;

/** Exit code of a program whose error the engine already knows. */
const alreadyTold = 32;

const [engine] = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const children = new Set<ChildProcess>();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));
// Otherwise the process would end without its exit handlers.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit());

/** Starts one of the commands for language hosts in the program's @pulumi/pulumi. */
function start(
  command: "run" | "run-policy-pack",
  args: string[],
  { directory, cwd, env }: { directory: string; cwd: string; env: Record<string, string> },
  stdio: "inherit" | "pipe",
): ChildProcess {
  const hooks = [...nursery, "--require", transpiler, "--require", lean];
  const child = spawn(process.execPath, [...hooks, commandOf(directory, command), ...args], {
    cwd,
    env: { ...process.env, ...env, PULUMI_NODEJS_TYPESCRIPT: "false" },
    stdio: ["ignore", stdio, stdio],
  });
  children.add(child);
  return child;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) =>
    child.once("error", reject).once("close", (code) => {
      children.delete(child);
      resolve(code);
    }),
  );
}

async function run(request: Language.RunRequest): Promise<Language.RunResponse> {
  const info = request.getInfo()!;
  const config = Object.fromEntries(request.getConfigMap().toArray());
  const child = start(
    "run",
    [
      ...["--monitor", request.getMonitorAddress(), "--engine", engine!],
      ...["--project", request.getProject(), "--stack", request.getStack()],
      ...["--organization", request.getOrganization(), "--root-directory", info.getRootDirectory()],
      ...["--pwd", request.getPwd(), "--parallel", String(request.getParallel())],
      ...(request.getDryrun() ? ["--dry-run"] : []),
      info.getEntryPoint(),
      ...request.getArgsList(),
    ],
    {
      directory: info.getProgramDirectory(),
      cwd: request.getPwd(),
      env: {
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
    },
    "inherit",
  );
  const code = await ended(child);
  const response = new proto.RunResponse();
  if (code === alreadyTold) return response.setBail(true);
  return code === 0 ? response : response.setError(`Program exited with exit code ${code}`);
}

/** Runs a policy pack, whose output goes to the engine: its first line is the port that it serves on. */
async function runPlugin(call: ServerWritableStream<Language.RunPluginRequest, Language.RunPluginResponse>) {
  const request = call.request;
  const info = request.getInfo()!;
  const directory = info.getProgramDirectory();
  if (request.getKind() !== "analyzer") {
    call.destroy(new Error(`${directory}: the stand-in starts policy packs alone, no ${request.getKind()}`));
    return;
  }
  const child = start(
    "run-policy-pack",
    [...request.getArgsList().slice(-1), directory],
    {
      directory,
      cwd: request.getPwd(),
      env: Object.fromEntries(
        request.getEnvList().map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]),
      ),
    },
    "pipe",
  );
  call.on("cancelled", () => child.kill("SIGKILL"));
  child.stdout!.on("data", (data: Buffer) => call.write(new proto.RunPluginResponse().setStdout(data)));
  child.stderr!.on("data", (data: Buffer) => call.write(new proto.RunPluginResponse().setStderr(data)));
  const code = await ended(child);
  call.write(new proto.RunPluginResponse().setExitcode(code ?? 1));
  call.end();
}

void servePlugin(services.language.LanguageRuntimeService, {
  getPluginInfo: unary(() => new messages.plugin.PluginInfo().setVersion(installedVersion())),
  about: unary(() => new proto.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
  // There are none to install: the stand-ins' providers are on PATH.
  getRequiredPackages: unary(() => new proto.GetRequiredPackagesResponse()),
  getProgramDependencies: unary(() => new proto.GetProgramDependenciesResponse()),
  runtimeOptionsPrompts: unary(() => new proto.RuntimeOptionsResponse()),
  // npm has already done so.
  installDependencies: (call: ServerWritableStream<unknown, unknown>) => call.end(),
  run: unary(run),
  runPlugin: (call: ServerWritableStream<Language.RunPluginRequest, Language.RunPluginResponse>) =>
    void runPlugin(call),
  cancel: unary(() => new Empty()),
});
