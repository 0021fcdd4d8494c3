import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyProject } from "../fixtures/project";
import { runCommand } from "../fixtures/commands";

// The real engine asks AWS who it is, in a preview too: it needs the CLI and an account's credentials.
const found = spawnSync("pulumi", ["version"]).status === 0;
const credentials = Boolean(process.env.AWS_ACCESS_KEY_ID ?? process.env.AWS_PROFILE);
const whereFound = found && credentials ? test : test.skip;

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "engine-test-"))));
afterEach(() => rmSync(home, { recursive: true }));

const strict = { "etcd-backups": { maxIntervalMinutes: 5 } };

whereFound("pulumi preview --policy-pack finds what the review finds", async () => {
  const project = join(home, "project");
  copyProject(project);
  const [config, backend] = [join(home, "strict.json"), join(home, "backend")];
  writeFileSync(config, JSON.stringify(strict));
  mkdirSync(backend);
  const pulumi = (...args: string[]) =>
    spawnSync("pulumi", [...args, "--non-interactive"], {
      cwd: project,
      encoding: "utf8",
      env: { ...process.env, PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "" },
    });
  expect(pulumi("stack", "init", "prod").status).toBe(0);
  const preview = ["preview", "--stack", "prod", "--policy-pack", "policies"];

  expect(pulumi(...preview).status).toBe((await runCommand("review", [])).code);
  const refused = pulumi(...preview, "--policy-pack-config", config);
  expect(refused.status).not.toBe(0);
  expect(refused.stdout).toMatch(/\[mandatory\]\s+etcd-backups|etcd-backups.*mandatory/s);
  expect((await runCommand("review", ["--policy-config", config])).code).toBe(1);
});
