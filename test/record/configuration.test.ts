import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfiguration, type Configuration } from "../../record/configuration";
import { readHandedIn } from "../../record/handedIn";
import { SettingsError } from "../../record/settingsError";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "configuration-"))));
afterEach(() => rmSync(directory, { recursive: true }));

/** Reads a stack file of the project `etcd`, with Pulumi.yaml's `config`, and what was handed in. */
function read(stackFile: string, config?: unknown, handed?: unknown): Configuration {
  const path = (name: string) => join(directory, name);
  writeFileSync(path("Pulumi.test.yaml"), stackFile);
  writeFileSync(path("handed.json"), JSON.stringify(handed ?? null));
  const given = handed === undefined ? undefined : readHandedIn(path("handed.json"));
  return readConfiguration({ name: "etcd", config }, path("Pulumi.test.yaml"), given);
}

test("settings are handed over as the engine does: texts as they are, the rest as JSON, keys in full", () => {
  const { config, secretKeys } = read(
    "config:\n  aws:config:region: eu-central-1\n  size: small\n  etcd:count: 3\n  etcd:on: true\n  etcd:list: [{ b: 1, a: 2 }]\n  etcd:big: 9007199254740993\n  etcd:empty:\n",
  );
  expect(config).toEqual({
    "aws:region": "eu-central-1",
    "etcd:size": "small",
    "etcd:count": "3",
    "etcd:on": "true",
    "etcd:list": '[{"a":2,"b":1}]',
    "etcd:big": "9007199254740993",
    "etcd:empty": "",
  });
  expect(secretKeys).toEqual([]);
});

test("secrets are known by their keys, of other namespaces too, and none is read", () => {
  expect(
    read(
      "config:\n  a: { secure: x }\n  b: { c: [{ secure: x }] }\n  d: { secure: x, e: f }\n  datadog:key: { secure: x }\n",
    ),
  ).toEqual({
    config: {
      "etcd:a": "[secret]",
      "etcd:b": '{"c":["[secret]"]}',
      "etcd:d": '{"e":"f","secure":"x"}',
      "datadog:key": "[secret]",
    },
    secretKeys: ["etcd:a", "etcd:b", "datadog:key"],
  });
});

test("what Pulumi.yaml has for every stack stands where the stack says nothing", () => {
  const project = {
    own: { type: "string", default: "theirs" },
    typed: { type: "string" },
    full: { default: 3 },
    short: 4,
    list: ["x"],
    "etcd:map": { default: { a: 1 } },
    "aws:region": "eu-central-1",
    "aws:tags": { value: { a: "b" } },
  };
  expect(read("config: { own: mine, map: { b: 2 } }\n", project).config).toEqual({
    "etcd:own": "mine",
    "etcd:full": "3",
    "etcd:short": "4",
    "etcd:list": '["x"]',
    "etcd:map": '{"b":2}',
    "aws:region": "eu-central-1",
    "aws:tags": '{"a":"b"}',
  });
});

test("an answer of pulumi config wins over the files, and a secret of it may be known", () => {
  const answers = {
    "etcd:a": { value: "2", secret: false },
    "etcd:b": { value: '{"c":1}', objectValue: { c: 1 }, secret: false },
    "etcd:d": { secret: true },
    "etcd:e": { value: "known", secret: true },
  };
  expect(read("environment: [team]\nconfig: { a: 1, x: y }\n", undefined, answers)).toEqual({
    config: { "etcd:a": "2", "etcd:x": "y", "etcd:b": '{"c":1}', "etcd:d": "[secret]", "etcd:e": "known" },
    secretKeys: ["etcd:d", "etcd:e"],
  });
});

test.each([
  [
    "whole",
    {
      pulumiConfig: { a: 1, "aws:region": "x", m: { n: 1, o: 1 }, s: { t: 1 } },
      environmentVariables: { A: "b" },
    },
  ],
  ["its configuration alone", { a: 1, "aws:region": "x", m: { n: 1, o: 1 }, s: { t: 1 } }],
])("an environment (%s) stands below the stack file, and maps of both become one", (_, environment) => {
  const { config } = read(
    "environment: [team]\nconfig: { a: 2, m: { n: 2 }, s: { secure: x } }\n",
    { a: 0, m: { p: 0 } },
    environment,
  );
  expect(config).toEqual({
    "etcd:a": "2",
    "aws:region": "x",
    "etcd:m": '{"n":2,"o":1}',
    "etcd:s": "[secret]",
  });
});

test.each([
  [
    "configuration that is no map",
    "config: 3\n",
    undefined,
    /^Pulumi\.test\.yaml: config: must be a map of settings$/,
  ],
  [
    "a key of too many parts",
    "config: { a:b:c: 1 }\n",
    undefined,
    /^Pulumi\.test\.yaml: config: a:b:c: a key is namespace:name$/,
  ],
  [
    "an environment that was not handed in",
    "environment: [team]\n",
    undefined,
    /^Pulumi\.test\.yaml: environment: only Pulumi can open it; .* --config config\.json$/,
  ],
  [
    "an environment in the file itself",
    "environment:\n  values: { a: 1 }\n",
    undefined,
    /environment: only Pulumi/,
  ],
  [
    "a part of a setting in Pulumi.yaml",
    "config: {}\n",
    { "a.b": 1 },
    /^Pulumi\.yaml: config: etcd:a\.b: names a part/,
  ],
])("%s is refused", (_, stackFile, project, message) => {
  expect(() => read(stackFile, project)).toThrow(SettingsError);
  expect(() => read(stackFile, project)).toThrow(message);
});

test.each(["", "environment:\n", "environment: []\n"])(
  "without an environment (%j) nothing is asked for",
  (text) => {
    expect(read(text).config).toEqual({});
  },
);
