import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getEtcd } from "../tools/etcd";
import { declaredMembers } from "../rehearse/declared";
import { newDirectory } from "../rehearse/leftovers";
import { loopback, ontoLoopback, type LocalMember } from "../rehearse/loopback";
import { Processes } from "../rehearse/processes";
import { allReady } from "../rehearse/proofs";
import { record } from "../record";
import { loadStack } from "../record/project";
import { table } from "../text/table";
import { median, spread, timed } from "./measure";

/** From the first etcd process to five ready members: the rehearsal beside a plain shell script. */
export async function benchRehearsal(rounds: number): Promise<string> {
  const recording = await record(loadStack(".", "prod"), { issuer: { extraAddresses: () => [loopback] } });
  const declared = declaredMembers(recording);
  const { etcd } = await getEtcd(declared[0]!.identity.etcd);
  const script: number[] = [];
  const rehearsal: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const home = mkdtempSync(join(tmpdir(), "bench-"));
    try {
      script.push(runScript(home, etcd, (await ontoLoopback(declared, home)).members));
    } finally {
      rmSync(home, { recursive: true });
    }
    const directory = newDirectory();
    const processes = await Processes.supervised(directory, etcd);
    try {
      const { members } = await ontoLoopback(declared, directory);
      const start = performance.now();
      await Promise.all(members.map((member) => processes.start(member)));
      await allReady({ members, processes });
      rehearsal.push(performance.now() - start);
    } finally {
      await processes.end();
    }
    whole.push(timed(["--require", "./transpile.cjs", "commands/rehearse.ts"]));
  }
  return table(undefined, [
    ["shell script", spread(script)],
    ["rehearsal", spread(rehearsal)],
    ["ratio", `${(median(rehearsal) / median(script)).toFixed(2)} (wanted: at most 1.5)`],
    ["npm start, warm", spread(whole)],
  ]);
}

/** The same processes by a shell script: milliseconds from the first start to all ready, as it measures itself. */
function runScript(directory: string, etcd: string, members: readonly LocalMember[]): number {
  for (const { directory: home, pki } of members) {
    mkdirSync(join(home, "pki"), { recursive: true });
    mkdirSync(join(home, "data"), { mode: 0o700 });
    for (const [file, content] of Object.entries(pki))
      writeFileSync(join(home, "pki", file), content, { mode: 0o600 });
  }
  const lines = [
    "set -eu",
    "trap 'kill -9 $pids; wait' EXIT",
    "pids=",
    "start=$(date +%s%N)",
    ...members.map(
      ({ flags, directory: home }) =>
        `${etcd} ${flags.map((flag) => `'${flag}'`).join(" ")} >${home}/etcd.log 2>&1 & pids="$pids $!"`,
    ),
    ...members.map(
      ({ ports }) =>
        `until curl -fs -o /dev/null http://${loopback}:${ports[2381]}/readyz; do sleep 0.025; done`,
    ),
    "echo $(( ($(date +%s%N) - start) / 1000000 ))",
  ];
  const file = join(directory, "start.sh");
  writeFileSync(file, lines.join("\n"));
  return Number(execFileSync("bash", [file], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}
