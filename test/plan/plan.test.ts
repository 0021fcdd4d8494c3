import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../fixtures/commands";
import { root } from "../fixtures/declarations";
import type { Plan } from "../../plan/plan";

/** A copy of the project whose stack files a test may change. */
let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "plan-"));
  for (const name of [
    "index.ts",
    "settings.ts",
    "components",
    "contract",
    "guard",
    "kubernetes",
    "machine",
    "spec",
    "text",
    "Pulumi.yaml",
    "Pulumi.prod.yaml",
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});
afterEach(() => rmSync(copy, { recursive: true }));

function edit(change: (text: string) => string): void {
  const file = join(copy, "Pulumi.prod.yaml");
  const before = readFileSync(file, "utf8");
  const after = change(before);
  if (after === before) throw new Error("the edit changed nothing");
  writeFileSync(file, after);
}

test("a plan for people shows members, what is made, flags and warnings", async () => {
  const { code, stdout, stderr } = await runCommand("plan", ["--stack", "prod"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /member5 +eu-central-1b +10\.0\.2\.12 +member5\.prod\.etcd\.internal +medium +m7i\.xlarge/,
  );
  expect(stdout).toContain("heartbeat 100 ms, election 1000 ms");
  expect(stdout).toContain("--etcd-servers=https://10.0.1.11:2379,");
  expect(stdout).toMatch(/alarms +arn:aws:sns:eu-central-1:123456789012:etcd/);
  expect(stdout).toMatch(/CA for peers +1 issues\n/);
  expect(stdout).toMatch(/certificates +365 days, renewed 60 days before their end; a new CA 3650 days/);
  expect(stdout).toMatch(/way out +VPC endpoints/);
  expect(stdout).toMatch(/names +the VPC's resolver/);
  expect(stdout).toMatch(/entries +a \(eu-central-1a\), b \(eu-central-1b\), c \(eu-central-1c\)/);
  expect(stdout).toMatch(/prod-endpoints +443\/tcp/);
  expect(stdout).toContain("! ");
});

test("a plan for machines holds the same, and two plans differ in nothing", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => runCommand("plan", ["--stack", "prod", "--json"])),
  );
  expect(first!.code).toBe(0);
  const plan = JSON.parse(first!.stdout) as Plan;
  expect(Object.keys(plan)).toEqual([
    "stack",
    "cluster",
    "members",
    "reach",
    "resources",
    "apiServer",
    "warnings",
  ]);
  expect(plan.members).toHaveLength(5);
  expect(plan.apiServer).toMatchObject({
    flags: expect.any(Array) as unknown,
    kubeadm: expect.any(String) as unknown,
  });
  // Certificates are issued anew each time; everything else is the same.
  const withoutCertificates = (text: string) =>
    text
      .replace(/-----BEGIN [^"]*-----END [A-Z ]+-----\\n/g, "")
      .replace(/\\"sha256\\":\\"[0-9a-f]{64}/g, "");
  expect(withoutCertificates(second!.stdout)).toBe(withoutCertificates(first!.stdout));
});

test("settings that break rules end with exit code 2, each named with its key, and no stack trace", async () => {
  edit((text) =>
    text.replace(/ *- \{ name: member5.*\n/, "").replace("etcd:size: medium", "etcd:size: huge"),
  );
  const { code, stdout, stderr } = await runCommand("plan", [], copy);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain('etcd:size: "huge" must be one of small, medium, large, xlarge');
  expect(stderr).not.toMatch(/^ +at /m);
});

test("an even member count ends with exit code 2 and says why", async () => {
  edit((text) => text.replace(/ *- \{ name: member5.*\n/, ""));
  const { code, stderr } = await runCommand("plan", [], copy);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "etcd:members: 4 members; etcd needs an odd number, 3 or 5 in practice (quorum of 4 is 3: no gain over 3)",
  );
});

test("an unknown and a missing setting end with exit code 2", async () => {
  edit((text) => text.replace("etcd:size: medium", "etcd:sise: medium"));
  const { code, stderr } = await runCommand("plan", [], copy);
  expect(code).toBe(2);
  expect(stderr).toContain("etcd:size: missing");
  expect(stderr).toContain("etcd:sise: unknown setting");
});

const withoutRegion = (text: string) => text.replace(/ *aws:region.*\n/, "");

test("a missing region ends with exit code 2", async () => {
  edit(withoutRegion);
  const { code, stderr } = await runCommand("plan", [], copy, {
    ...process.env,
    AWS_REGION: "",
    AWS_DEFAULT_REGION: "",
  });
  expect([code, stderr]).toEqual([
    2,
    "Pulumi.prod.yaml: aws:region: missing; it has no default but AWS_REGION in the environment\n",
  ]);
});

test("a region of the environment is the stack's, and its zones are held to it", async () => {
  edit(withoutRegion);
  const planIn = (AWS_REGION: string) => runCommand("plan", [], copy, { ...process.env, AWS_REGION });
  expect((await planIn("eu-central-1")).code).toBe(0);
  expect((await planIn("eu-west-1")).stderr).toContain("is in region eu-central-1, not eu-west-1");
});

test("what nothing else follows from may be a secret, and so may settings of others", async () => {
  edit((text) =>
    text
      .replace(/topicArn: "[^"]*"/, 'topicArn: { secure: "v1:AAAA:BBBB" }')
      .replace("{ team: platform }", '{ team: { secure: "v1:AAAA:BBBB" } }\n  datadog:apiKey: { secure: x }'),
  );
  const { code, stdout, stderr } = await runCommand("plan", [], copy);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/alarms +\[secret\]/);
  expect(stdout).not.toContain("AAAA");
});

test("a setting that is empty, and a secret that has to be known, end with exit code 2", async () => {
  edit((text) =>
    text
      .replace("etcd:discovery: static", "etcd:restore:")
      .replace("interval: 30", "interval:")
      .replace("etcd:size: medium", "etcd:size: { secure: x }"),
  );
  const { code, stderr } = await runCommand("plan", [], copy);
  expect(code).toBe(2);
  expect(stderr).toContain("etcd:restore: empty; give it a value, or leave it out");
  expect(stderr).toContain("etcd:backups.interval: empty; give it a value, or leave it out");
  expect(stderr).toContain("etcd:size: is secret, and has to be known here");
});

test("what only Pulumi reads is handed in", async () => {
  edit((text) => text.replace("etcd:size: medium", "").replace("config:", "environment: [team]\nconfig:"));
  const without = await runCommand("plan", [], copy);
  expect([without.code, without.stderr]).toEqual([
    2,
    "Pulumi.prod.yaml: environment: only Pulumi can open it; hand in what it gives: pulumi config --json > config.json, then --config config.json\n",
  ]);
  const opened = join(copy, "opened.json");
  writeFileSync(opened, JSON.stringify({ pulumiConfig: { "etcd:size": "large" } }));
  const { code, stdout } = await runCommand("plan", ["--stack", "acme/etcd/prod", "--config", opened], copy);
  expect(code).toBe(0);
  expect(stdout).toMatch(/member1 .* large /);
});

test("a stack that does not exist and wrong usage end with exit code 2", async () => {
  const stack = await runCommand("plan", ["--stack", "nope"]);
  expect([stack.code, stack.stderr]).toEqual([
    2,
    'stack "nope" does not exist: no Pulumi.nope.yaml; there are dev, prod\n',
  ]);
  const option = await runCommand("plan", ["--colour"]);
  expect([option.code, option.stderr]).toEqual([2, "plan: unknown option '--colour'\n"]);
});

test("a program that fails by itself ends with exit code 1 and says where", async () => {
  writeFileSync(
    join(copy, "index.ts"),
    'function broken(): never {\n  throw new Error("no such thing");\n}\nbroken();\n',
  );
  const { code, stderr } = await runCommand("plan", [], copy);
  expect(code).toBe(1);
  expect(stderr).toContain("no such thing");
  expect(stderr).toMatch(/at broken .*index\.ts:2:/);
});

test("--help tells the exit codes", async () => {
  const { code, stdout } = await runCommand("plan", ["--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Exit codes: 0 fine, 1 refused or failed, 2 wrong usage or settings.");
});
