import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownSetting, loadAgain, loadStack, regionOf, withStackFile } from "../../record/project";
import { SettingsError } from "../../record/settingsError";
import { root } from "../fixtures/declarations";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "project-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(directory, name), text);

function project(stackFile?: string): void {
  write("Pulumi.yaml", "name: etcd\nruntime: nodejs\nmain: index.ts\n");
  if (stackFile !== undefined) write("Pulumi.test.yaml", stackFile);
}

test("a stack is read with its project", () => {
  project("config:\n  aws:region: eu-central-1\n  size: small\n");
  expect(loadStack(directory, "test")).toEqual({
    directory,
    project: "etcd",
    stack: "test",
    stackFile: "Pulumi.test.yaml",
    main: "index.ts",
    config: { "aws:region": "eu-central-1", "etcd:size": "small" },
    secretKeys: [],
  });
});

test.each([
  ["test", undefined],
  ["acme/test", "acme"],
  ["acme/etcd/test", "acme"],
])("a stack may be named %s", (reference, organization) => {
  project("config: {}\n");
  expect(loadStack(directory, reference)).toMatchObject({ stack: "test", organization });
});

test.each([
  ["nope", /^stack "nope" does not exist: no Pulumi\.nope\.yaml; there are test$/],
  ["acme/other/test", /^stack "acme\/other\/test": is of project other; the project here is etcd$/],
  ["a/b/c/test", /must be a stack's name, organization\/stack or organization\/project\/stack$/],
  ["../test", /must be a stack's name/],
  ["acme/", /must be a stack's name/],
])("a stack named %s is refused", (reference, message) => {
  project("config: {}\n");
  expect(() => loadStack(directory, reference)).toThrow(SettingsError);
  expect(() => loadStack(directory, reference)).toThrow(message);
});

test.each([
  ["Pulumi.yml", "name: etcd\n", "Pulumi.test.yml", "config: { a: b }\n"],
  ["Pulumi.json", '{"name": "etcd"}', "Pulumi.test.json", '{"config": {"a": "b"}}'],
  ["Pulumi.yaml", "name: etcd\nstackConfigDir: stacks\n", "stacks/Pulumi.test.yaml", "config: { a: b }\n"],
  ["Pulumi.yaml", "name: etcd\nconfig: stacks\n", "stacks/Pulumi.test.yaml", "config: { a: b }\n"],
])("beside %s (%j) lies %s", (projectFile, projectText, stackFile, stackText) => {
  mkdirSync(join(directory, "stacks"));
  write(projectFile, projectText);
  write(stackFile, stackText);
  expect(loadStack(directory, "test").config).toEqual({ "etcd:a": "b" });
});

test("a folder without a project, and a project without a name, are refused", () => {
  expect(() => loadStack(directory, "test")).toThrow(/holds no Pulumi project/);
  write("Pulumi.yaml", "runtime: nodejs\n");
  expect(() => loadStack(directory, "test")).toThrow(/^Pulumi\.yaml: name: missing$/);
});

test("the stacks that there are are named", () => {
  expect(() => loadStack(root, "production")).toThrow(/there are dev, prod$/);
});

describe("what was handed in", () => {
  const handIn = (value: unknown): string => {
    write("handed.json", JSON.stringify(value));
    return join(directory, "handed.json");
  };

  test("is enough where the stack has no file here", () => {
    project();
    const handed = handIn({ "etcd:a": { value: "b", secret: false } });
    expect(loadStack(directory, "test", handed).config).toEqual({ "etcd:a": "b" });
  });

  test("counts for another stack file and another directory if it is an environment", () => {
    project("environment: [team]\n");
    write("other.yaml", "environment: [team]\nconfig: { b: 2 }\n");
    const program = loadStack(directory, "acme/test", handIn({ pulumiConfig: { a: 1 } }));
    expect(withStackFile(program, join(directory, "other.yaml")).config).toEqual({
      "etcd:a": "1",
      "etcd:b": "2",
    });
    expect(loadAgain(program, directory)).toMatchObject({ config: { "etcd:a": "1" }, organization: "acme" });
  });

  test("does not count there if it is an answer: it says what the stack is now", () => {
    project("config: { a: 1 }\n");
    const program = loadStack(directory, "test", handIn({ "etcd:a": { value: "2", secret: false } }));
    expect(program.config).toEqual({ "etcd:a": "2" });
    expect(loadAgain(program, directory).config).toEqual({ "etcd:a": "1" });
  });
});

describe("the region", () => {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  beforeEach(() => {
    delete process.env.AWS_REGION;
    delete process.env.AWS_DEFAULT_REGION;
  });
  afterEach(() => {
    Object.assign(process.env, AWS_REGION && { AWS_REGION }, AWS_DEFAULT_REGION && { AWS_DEFAULT_REGION });
  });
  const region = (stackFile = "config: {}\n") => {
    project(stackFile);
    return regionOf(loadStack(directory, "test"));
  };

  test("is the stack's, else the environment's", () => {
    process.env.AWS_DEFAULT_REGION = "eu-west-3";
    expect(region()).toBe("eu-west-3");
    process.env.AWS_REGION = "eu-west-2";
    expect(region()).toBe("eu-west-2");
    expect(region("config: { aws:region: eu-west-1 }\n")).toBe("eu-west-1");
  });

  test.each([
    ["config: {}\n", "missing; it has no default but AWS_REGION in the environment"],
    ["config:\n  aws:region:\n", "empty; give it a value, or leave it out"],
    ["config:\n  aws:region: { secure: abc }\n", "is secret, and has to be known here: hand in "],
  ])("is refused where it is not known (%j)", (stackFile, problem) => {
    process.env.AWS_REGION = "";
    expect(() => region(stackFile)).toThrow(SettingsError);
    expect(() => region(stackFile)).toThrow(`Pulumi.test.yaml: aws:region: ${problem}`);
  });

  test("a secret within a setting that has to be known is refused too", () => {
    project("config:\n  aws:assumeRoles: [{ roleArn: a, externalId: { secure: abc } }]\n");
    expect(() => knownSetting(loadStack(directory, "test"), "aws:assumeRoles")).toThrow(/is secret/);
  });
});
