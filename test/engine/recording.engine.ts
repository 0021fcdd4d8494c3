import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyProject } from "../../engine/project";
import { record } from "../../record";
import { loadStack } from "../../record/project";
import { root } from "../fixtures/declarations";
import { engine, withEngine } from "./engine";
import { Previewed, recorded } from "./planned";

/** Programs by what they are, each with what lays one out in a directory. */
const programs: [string, stack: string, layOut: (directory: string) => void][] = [
  ["the production stack", "prod", (directory) => copyProject(directory)],
  ...[
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["eusc-de-east-1", "aws-eusc"],
  ].map(([region, partition]): (typeof programs)[number] => [
    `the production stack in ${region}`,
    "prod",
    (directory) => {
      copyProject(directory);
      const file = join(directory, "Pulumi.prod.yaml");
      const text = readFileSync(file, "utf8");
      writeFileSync(
        file,
        text.replaceAll("eu-central-1", region!).replaceAll("arn:aws:", `arn:${partition}:`),
      );
    },
  ]),
  ["the stack for development", "dev", (directory) => copyProject(directory, ["Pulumi.dev.yaml"])],
  [
    "a team's own program",
    "staging",
    (directory) => {
      cpSync(join(root, "examples", "own-program"), directory, { recursive: true });
      installComponents(join(directory, "node_modules"));
    },
  ],
  [
    "a program with every option, alias and transform",
    "test",
    (directory) => {
      cpSync(join(__dirname, "every-option"), directory, { recursive: true });
      installPackages(join(directory, "node_modules"));
    },
  ],
];

/** The packages of Pulumi, for a program elsewhere. */
function installPackages(modules: string): void {
  mkdirSync(modules);
  symlinkSync(join(root, "node_modules", "@pulumi"), join(modules, "@pulumi"));
}

/** The components as a package, from their source: whether they pack is for test/examples to say. */
function installComponents(modules: string): void {
  installPackages(modules);
  const directory = join(modules, "etcd-kubernetes");
  mkdirSync(directory);
  writeFileSync(
    join(directory, "index.js"),
    `module.exports = require(${JSON.stringify(join(root, "components"))});`,
  );
}

withEngine("a recording is what the engine plans, resource by resource", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "engine-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  test.each(programs)("of %s (%s)", async (_, stack, layOut) => {
    const previewed = new Previewed(home, engine());
    mkdirSync(previewed.directory);
    layOut(previewed.directory);
    const planned = previewed.preview(stack);
    const recording = recorded(await record(loadStack(previewed.directory, stack), { preview: true }));
    expect([...recording.keys()].sort()).toEqual([...planned.keys()].sort());
    for (const [urn, declared] of planned)
      expect({ urn, ...recording.get(urn) }).toEqual({ urn, ...declared });
  });
});
