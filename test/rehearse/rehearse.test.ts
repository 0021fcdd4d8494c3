import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChildProcess } from "node:child_process";
import type { RehearsalReport } from "../../rehearse/rehearse";
import { until } from "../../rehearse/until";
import { ended, runCommand, startCommand } from "../fixtures/commands";

// Where etcd comes from: built from Go modules where CI says so, else whatever is nearest.
const from = ["--etcd-from", process.env.ETCD_FROM ?? "auto"];

// The first may build etcd.
jest.setTimeout(600_000);

// Other rehearsals of this computer are none of ours.
const home = mkdtempSync(join(tmpdir(), "rehearse-test-"));
process.env.TMPDIR = home;
afterAll(() => rmdirSync(home));

/** Directories of rehearsals on this computer. */
function directories(): string[] {
  return readdirSync(home)
    .filter((name) => name.startsWith("etcd-rehearsal-"))
    .map((name) => join(home, name));
}

/** Waits for a rehearsal of this test to have made its directory and started etcd in it. */
function startedBeside(before: string[]): Promise<string> {
  return until("an etcd of the rehearsal", async () =>
    Promise.resolve(
      directories().find((each) => !before.includes(each) && existsSync(join(each, "member1.pid"))),
    ),
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended and was not reaped still takes signals.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const pidOf = (directory: string, name: string) =>
  Number(readFileSync(join(directory, `${name}.pid`), "utf8"));

async function gone(directory: string, pids: number[]): Promise<void> {
  await until(`end of ${directory}`, async () =>
    Promise.resolve(!existsSync(directory) && !pids.some(isRunning)),
  );
}

test("prod: five members run with the declared flags, every proof holds, and nothing is left", async () => {
  const before = directories();
  const { code, stdout } = await runCommand("rehearse", ["--json", ...from]);
  const report = JSON.parse(stdout) as RehearsalReport;
  expect(report.steps.filter(({ ok }) => !ok)).toEqual([]);
  expect([code, report.ok]).toEqual([0, true]);
  expect(report.members!.map(({ name }) => name)).toEqual([
    "member1",
    "member2",
    "member3",
    "member4",
    "member5",
  ]);
  // CIS Kubernetes Benchmark 2.1–2.7, on the command lines that ran.
  for (const { flags } of report.members!) {
    for (const flag of [
      "cert-file",
      "key-file",
      "peer-cert-file",
      "peer-key-file",
      "trusted-ca-file",
      "peer-trusted-ca-file",
    ]) {
      expect(flags.filter((each) => each.startsWith(`--${flag}=/`))).toHaveLength(1);
    }
    expect(flags).toEqual(
      expect.arrayContaining(["--client-cert-auth=true", "--peer-client-cert-auth=true"]),
    );
    expect(flags).not.toContain("--auto-tls=true");
    expect(flags).not.toContain("--peer-auto-tls=true");
  }
  expect(stdout).not.toContain("PRIVATE KEY");
  expect(directories().filter((each) => !before.includes(each))).toEqual([]);
});

test("dev: one member, kept running, reached as printed, and ended by --stop", async () => {
  const before = directories();
  const { code, stdout } = await runCommand("rehearse", ["--stack", "dev", "--keep", ...from]);
  expect(code).toBe(0);
  const directory = directories().find((each) => !before.includes(each))!;
  const pids = [pidOf(directory, "member1"), pidOf(directory, "supervisor")];
  expect(pids.map(isRunning)).toEqual([true, true]);

  const reach = stdout.split("\n").find((line) => line.trim().endsWith("member list"))!;
  const { execSync } = await import("node:child_process");
  expect(execSync(reach, { encoding: "utf8" })).toContain("started, member1, https://127.0.0.1:");

  const stopped = await runCommand("rehearse", ["--stop"]);
  expect([stopped.code, stopped.stdout]).toEqual([0, `ended: ${directory}\n`]);
  await gone(directory, pids);
  expect((await runCommand("rehearse", ["--stop"])).stdout).toBe("nothing was left running\n");
});

describe("a rehearsal that is cut short leaves nothing behind", () => {
  async function cutShort(cut: (rehearsal: ChildProcess, directory: string) => void) {
    const before = directories();
    const rehearsal = startCommand("rehearse", ["--stack", "dev", ...from]);
    const end = ended(rehearsal);
    const directory = await startedBeside(before);
    const pids = [pidOf(directory, "member1"), pidOf(directory, "supervisor")];
    cut(rehearsal, directory);
    return { result: await end, directory, pids };
  }

  test("by Ctrl-C", async () => {
    const { result, directory, pids } = await cutShort((rehearsal) => rehearsal.kill("SIGINT"));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("SIGINT: stopped, nothing left behind");
    await gone(directory, pids);
  });

  test("by SIGKILL of the rehearsal", async () => {
    const { directory, pids } = await cutShort((rehearsal) => rehearsal.kill("SIGKILL"));
    await gone(directory, pids);
  });

  test("by SIGKILL of its supervisor", async () => {
    const { result, directory, pids } = await cutShort((_, where) =>
      process.kill(pidOf(where, "supervisor"), "SIGKILL"),
    );
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("supervisor")]);
    await gone(directory, pids);
  });

  test("by SIGKILL of both: the next rehearsal sweeps", async () => {
    const { directory, pids } = await cutShort((rehearsal, where) => {
      // Either would clean up after the other.
      rehearsal.kill("SIGSTOP");
      process.kill(pidOf(where, "supervisor"), "SIGKILL");
      rehearsal.kill("SIGKILL");
    });
    expect(existsSync(directory)).toBe(true);
    expect((await runCommand("rehearse", ["--stack", "dev", ...from])).code).toBe(0);
    await gone(directory, pids);
  });
});

test("a stack that does not exist and options that contradict each other are wrong usage", async () => {
  expect((await runCommand("rehearse", ["--stack", "nope"])).code).toBe(2);
  const both = await runCommand("rehearse", ["--keep", "--stop"]);
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("--keep")]);
});
