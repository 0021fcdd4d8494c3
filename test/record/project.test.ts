import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStack, SettingsError } from "../../record/project";
import { root } from "../fixtures/declarations";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "project-"))));
afterEach(() => rmSync(directory, { recursive: true }));

function project(stackFile?: string): void {
  writeFileSync(join(directory, "Pulumi.yaml"), "name: etcd\nruntime: nodejs\nmain: index.ts\n");
  if (stackFile !== undefined) writeFileSync(join(directory, "Pulumi.test.yaml"), stackFile);
}

test("settings are handed over as the engine does: texts as they are, the rest as JSON, keys in full", () => {
  project(
    "config:\n  aws:region: eu-central-1\n  size: small\n  etcd:count: 3\n  etcd:on: true\n  etcd:list: [{ a: 1 }]\n",
  );
  expect(loadStack(directory, "test")).toEqual({
    directory,
    project: "etcd",
    stack: "test",
    main: "index.ts",
    config: {
      "aws:region": "eu-central-1",
      "etcd:size": "small",
      "etcd:count": "3",
      "etcd:on": "true",
      "etcd:list": '[{"a":1}]',
    },
  });
});

test.each([
  [
    "a stack that does not exist",
    undefined,
    /stack "test" does not exist: no Pulumi\.test\.yaml; there are none/,
  ],
  ["a stack file that is not YAML", "config: [", /^Pulumi\.test\.yaml: is not YAML: /],
  ["a stack file that is no map", "- a\n- b\n", /^Pulumi\.test\.yaml: is not a YAML map/],
  ["configuration that is no map", "config: 3\n", /^Pulumi\.test\.yaml: config: must be a map/],
  [
    "an encrypted setting",
    "config:\n  etcd:x: { secure: abc }\n",
    /^Pulumi\.test\.yaml: etcd:x: is encrypted/,
  ],
])("%s is refused", (_, stackFile, message) => {
  project(stackFile);
  expect(() => loadStack(directory, "test")).toThrow(SettingsError);
  expect(() => loadStack(directory, "test")).toThrow(message);
});

test("a folder without a project is refused", () => {
  expect(() => loadStack(directory, "test")).toThrow(/holds no Pulumi project/);
});

test("the stacks that there are are named", () => {
  expect(() => loadStack(root, "production")).toThrow(/there are dev, prod$/);
});
