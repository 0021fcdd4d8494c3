import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { planOf } from "../../plan/plan";
import { record } from "../../record";
import { loadStack } from "../../record/project";
import { root } from "../fixtures/declarations";

const home = mkdtempSync(join(tmpdir(), "own-program-"));
afterAll(() => rmSync(home, { recursive: true }));

/** The package as it would be published, and what it depends on, nothing else. */
function install(modules: string): void {
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", home], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // The output of prepack comes before the list.
  const [{ filename }] = JSON.parse(packed.slice(packed.search(/^\[/m))) as [{ filename: string }];
  mkdirSync(join(modules, "etcd-kubernetes"), { recursive: true });
  execFileSync("tar", [
    "-xzf",
    join(home, filename),
    "-C",
    join(modules, "etcd-kubernetes"),
    "--strip-components=1",
  ]);
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}

test("a team's own program declares a cluster with the packed components", async () => {
  cpSync(join(root, "examples", "own-program"), home, { recursive: true });
  install(join(home, "node_modules"));

  const recording = await record(loadStack(home, "staging"));
  const plan = planOf(recording);
  expect(plan.members.map(({ name, address }) => [name, address])).toEqual([
    ["member1", "10.1.1.11"],
    ["member2", "10.1.2.11"],
    ["member3", "10.1.3.11"],
  ]);
  expect(recording.outputs.apiServerFlags).toContain(
    "--etcd-servers=https://10.1.1.11:2379,https://10.1.2.11:2379,https://10.1.3.11:2379",
  );
});
