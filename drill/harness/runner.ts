import { spawn } from "node:child_process";
import { readdirSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { getEtcd, ToolError, type EtcdSource } from "../../tools/etcd";
import { getContainerRuntime } from "../../tools/containerRuntime";
import { getKubernetes, type KubernetesProgram } from "../../tools/kubernetes";
import { cacheRoot } from "../../tools/cache";
import { onPath } from "../../tools/executable";
import { getPulumi } from "../../tools/pulumi";
import { awsPython, motoPython } from "../../tools/python";
import { architecture } from "../../tools/tool";
import { hosts } from "../world/addresses";
import { mirrorPath } from "../world/gateway";
import { getImage, type Release } from "../world/image";
import { unshareOptions } from "../world/space";
import { withSettings, type StackProgram } from "../../record/project";
import { transpiler } from "../../record/transpiler";
import type { Orders } from "./orders";
import { putIntoMirror } from "./mirror";
import type { DrillEvent, Seen } from "./events";
import type { Scenario } from "./scenario";

/** This computer cannot run drills; the message says what it lacks. */
export class CannotDrill extends Error {}

/** The result of one drill. */
export interface DrillResult {
  name: string;
  title: string;
  ok: boolean;
  seconds: number;
  seen: Seen[];
  /** What failed, and what the machines' journals said. */
  failure?: string;
  journal?: string;
}

/** Everything that drills need, prepared once. */
export type Ground = Omit<Orders, "scenarios" | "cgroup" | "image"> & { images: Map<Release, string> };

/** Follows drills while they run. */
export interface Watcher {
  began?: (scenario: Scenario) => void;
  tell?: (scenario: Scenario, event: DrillEvent) => void;
  ended?: (result: DrillResult) => void;
}

/** Programs that drills call, by Debian package. */
const programs = {
  debootstrap: ["debootstrap"],
  "systemd-container": ["systemd-nspawn"],
  nftables: ["nft"],
  haproxy: ["haproxy"],
  "dnsmasq-base": ["dnsmasq"],
  iproute2: ["ip"],
  "util-linux": ["unshare", "nsenter", "losetup"],
  "python3-venv": ["python3"],
};

/** @throws CannotDrill saying what this computer lacks */
export function assertCanDrill(): void {
  if (process.platform !== "linux")
    throw new CannotDrill("drills need Linux: the machines are namespaces of its kernel");
  if (process.getuid!() !== 0)
    throw new CannotDrill(
      "drills need root: they boot whole machines; run as root, or rehearse with npm start",
    );
  const missing = Object.entries(programs)
    .filter(([, names]) => names.some((name) => onPath(name) === undefined))
    .map(([name]) => name);
  if (missing.length > 0)
    throw new CannotDrill(`drills need ${missing.join(", ")}: apt-get install ${missing.join(" ")}`);
}

/** Gets what the drills of a stack need. */
export async function prepare(
  program: StackProgram,
  scenarios: readonly Scenario[],
  from: "auto" | EtcdSource,
  report: (what: string) => void,
  signal?: AbortSignal,
): Promise<Ground> {
  const cacheDir = cacheRoot();
  const version = program.config[`${program.project}:version`];
  if (version === undefined) throw new ToolError("etcd:version: missing");
  const got = await getEtcd({ version, from, report, signal });
  const mirror = join(cacheDir, "mirror");
  const checksums = { [version]: await putIntoMirror(mirror, got) };
  const others = scenarios.flatMap(({ versions = [], settings }) => [...versions, settings?.version]);
  for (const other of new Set(others.filter((each) => typeof each === "string")))
    checksums[other] ??= await putIntoMirror(mirror, await getEtcd({ version: other, from, report, signal }));
  const needed = new Set(scenarios.flatMap(({ needs = [] }) => needs));
  const kubernetes = async <Program extends KubernetesProgram>(program: Program): Promise<string> =>
    (await getKubernetes(program, { from, report, signal }))[program];
  const kubeApiserver = needed.has("kube-apiserver") ? await kubernetes("kube-apiserver") : undefined;
  const kubectl = needed.has("kubectl") ? await kubernetes("kubectl") : undefined;
  const controlPlane = needed.has("control-plane")
    ? [
        ...(await getContainerRuntime({ report, signal })),
        await kubernetes("kubelet"),
        await kubernetes("kube-apiserver"),
        await kubernetes("kube-controller-manager"),
      ]
    : undefined;
  const images = new Map<Release, string>();
  for (const release of new Set(scenarios.map(releaseOf)))
    images.set(release, await getImage(cacheDir, release, report));
  const pulumi = needed.has("pulumi") ? await getPulumi({ report, signal }) : undefined;
  return {
    program: withSettings(program, {
      mirror: `http://${hosts.services}${mirrorPath}`,
      checksums: { [architecture()!]: checksums[version] },
      // Five machines share this computer's processors, so write times say nothing about their disks.
      admission: { slowDisk: "warn" },
    }),
    images,
    moto: motoPython(),
    mirror,
    binaries: dirname(got.etcdctl),
    kubeApiserver,
    kubectl,
    controlPlane,
    pulumi,
    aws: needed.has("aws") ? awsPython() : undefined,
    checksums,
  };
}

/** Drills grouped by world, in the order in which they run. */
export function worldsOf(scenarios: readonly Scenario[]): (readonly Scenario[])[] {
  const first = inOneWorld(scenarios);
  return first.length === 0 ? [] : [first, ...worldsOf(scenarios.slice(first.length))];
}

/** The drills that run in the world of the first: each continues in what the one before it left. */
function inOneWorld(scenarios: readonly Scenario[]): readonly Scenario[] {
  const world = ({ settings = {}, release }: Scenario) => JSON.stringify([settings, release]);
  const last = scenarios.findIndex((scenario, index) => {
    const next = scenarios[index + 1];
    return !scenario.leavesWorld || !next || next.foundsCluster || world(next) !== world(scenario);
  });
  return scenarios.slice(0, last + 1);
}

/**
 * Runs drills, one after the other. A drill that can use its predecessor's world continues there; after a failed drill,
 * the rest get another world.
 * @param keep what the process of the last drill is kept for
 */
export async function runScenarios(
  scenarios: readonly Scenario[],
  ground: Ground,
  watcher: Watcher = {},
  { keep, signal }: { keep?: (pid: number) => Promise<void>; signal?: AbortSignal } = {},
): Promise<DrillResult[]> {
  const results: DrillResult[] = [];
  while (results.length < scenarios.length) {
    const rest = scenarios.slice(results.length);
    const together = inOneWorld(rest);
    const kept = together.length === rest.length ? keep : undefined;
    results.push(...(await runInOneWorld(together, ground, watcher, { keep: kept, signal })));
  }
  return results;
}

/**
 * Runs drills in one process. Everything in it ends with it, however this process ends.
 * @returns their results, up to the first that failed
 */
async function runInOneWorld(
  scenarios: readonly Scenario[],
  ground: Ground,
  { began, tell, ended }: Watcher,
  { keep, signal }: { keep?: (pid: number) => Promise<void>; signal?: AbortSignal },
): Promise<DrillResult[]> {
  const cgroup = `etcd-drill-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const { images, ...rest } = ground;
  const image = images.get(releaseOf(scenarios[0]!))!;
  const orders: Orders = { ...rest, image, scenarios: scenarios.map(({ name }) => name), cgroup };
  const child = spawn(
    "unshare",
    [
      ...unshareOptions,
      ...[process.execPath, "--require", transpiler],
      ...[join(__dirname, "inside.ts"), JSON.stringify(orders)],
    ],
    // In a session of its own: Ctrl-C reaches only us, and we end it.
    { stdio: ["pipe", "pipe", "inherit"], detached: true, cwd: join(__dirname, "..", "..") },
  );
  const events = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const results: DrillResult[] = [];
  const end = () => child.stdin.end();
  signal?.addEventListener("abort", end, { once: true });
  try {
    for (const scenario of scenarios) {
      began?.(scenario);
      const result = await resultOf(scenario, events, tell);
      signal?.throwIfAborted();
      results.push(result);
      ended?.(result);
      if (!result.ok) break;
    }
    await keep?.(child.pid!);
    return results;
  } finally {
    signal?.removeEventListener("abort", end);
    const closed = child.exitCode === null && new Promise((done) => child.once("close", done));
    end();
    await closed;
    sweep();
  }
}

function releaseOf({ release = "bookworm" }: Scenario): Release {
  return release;
}

/** Follows one drill to its verdict. */
async function resultOf(
  scenario: Scenario,
  events: AsyncIterator<string>,
  tell: Watcher["tell"],
): Promise<DrillResult> {
  const { name, title } = scenario;
  const seen: Seen[] = [];
  const start = performance.now();
  const took = () => (performance.now() - start) / 1000;
  for (;;) {
    const line = await events.next();
    if (line.done)
      return { name, title, ok: false, seconds: took(), seen, failure: "the drill's process ended" };
    const event = JSON.parse(line.value) as DrillEvent;
    tell?.(scenario, event);
    if (event.event === "seen") seen.push(event.seen);
    if (event.event === "passed") return { name, title, ok: true, seconds: took(), seen };
    if (event.event === "failed") {
      const { message: failure, journal } = event;
      return { name, title, ok: false, seconds: took(), seen, failure, journal };
    }
  }
}

/** Removes the empty control groups of drills that have ended, this one's or a crashed one's. */
function sweep(): void {
  for (const hierarchy of ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"])
    removeEmpty(hierarchy, /^etcd-drill-/);
}

/** A control group that has a process in it or below it cannot be removed: it is another drill's. */
function removeEmpty(directory: string, name: RegExp): void {
  let entries: string[];
  try {
    entries = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && name.test(entry.name))
      .map((entry) => join(directory, entry.name));
  } catch {
    return;
  }
  for (const entry of entries) {
    removeEmpty(entry, /./);
    try {
      rmdirSync(entry);
    } catch {
      // In use.
    }
  }
}
