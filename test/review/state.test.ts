import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Secret, unknownValue } from "../../record/values";
import { SettingsError } from "../../record/settingsError";
import { readState } from "../../review/state";

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "state-test-"))));
afterEach(() => rmSync(home, { recursive: true }));

function reading(content: string) {
  const file = join(home, "state.json");
  writeFileSync(file, content);
  return readState(file).resources;
}

const machine = {
  urn: "urn:pulumi:live::shop::aws:ec2/instance:Instance::m1",
  type: "aws:ec2/instance:Instance",
  custom: true,
};

/** An export of one machine. */
function exported(inputs: object, outputs: object = {}): string {
  return JSON.stringify({ version: 3, deployment: { resources: [{ ...machine, inputs, outputs }] } });
}

/** A secret as an export holds it. */
function secret(content: object): object {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ...content };
}

test("user data is its text, of which older providers keep the SHA-1 alone", () => {
  const text = "#!/bin/bash\nexec etcd\n";
  const sha1 = createHash("sha1").update(text).digest("hex");
  expect(reading(exported({ userData: text }, { userData: sha1 }))[0]!.outputs.userData).toBe(text);
  const other = "0".repeat(40);
  expect(reading(exported({ userData: text }, { userData: other }))[0]!.outputs.userData).toBe(other);
});

test("a secret is unknown, unless the export shows it", () => {
  const hidden = reading(exported({}, { userData: secret({ ciphertext: "AAA=" }) }));
  expect(hidden[0]!.outputs.userData).toBe(unknownValue);
  const shown = reading(exported({}, { userData: secret({ plaintext: JSON.stringify("echo") }) }));
  expect((shown[0]!.outputs.userData as Secret).reveal()).toBe("echo");
  const broken = reading(exported({}, { userData: secret({ plaintext: "{" }) }));
  expect(broken[0]!.outputs.userData).toBe(unknownValue);
});

test("a byte order mark before an export is none of it", () => {
  expect(reading(`\uFEFF${exported({})}`)).toHaveLength(1);
});

test("null stands for nothing where Pulumi leaves a list or a map out", () => {
  const resource = {
    ...machine,
    inputs: null,
    outputs: null,
    dependencies: null,
    propertyDependencies: null,
  };
  const [read] = reading(JSON.stringify({ deployment: { resources: [resource] } }));
  expect(read).toMatchObject({ inputs: {}, outputs: {}, dependencies: [], propertyDependencies: {} });
});

describe("what is no export is refused in a line", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  test.each([
    ["nothing", "", /is not JSON/],
    ["null", "null", /expected object, received null/],
    ["a list", "[]", /expected object, received array/],
    ["a list as the deployment", '{"deployment": []}', /deployment: holds no deployment|expected/],
    ["a checkpoint", '{"checkpoint": {"latest": {"resources": []}}}', /holds no deployment/],
    ["null as resources", '{"deployment": {"resources": null}}', /holds no resources/],
    ["null as a resource", '{"deployment": {"resources": [null]}}', /deployment: resources: 0/],
    ["a deep nesting", exported({ a: "@" }).replace('"@"', nested(100_000)), /nested deeper than 100/],
    ["a deep nesting elsewhere", nested(5_000), /nested deeper than 100/],
  ])("%s", (_, content, says) => {
    expect(() => reading(content)).toThrow(SettingsError);
    expect(() => reading(content)).toThrow(says);
    expect(() => reading(content)).not.toThrow(/\n/);
  });

  test("or read: no JSON ends otherwise", () => {
    const whole = exported({ tags: { a: "b" } });
    const truncated = fc.nat(whole.length - 1).map((length) => whole.slice(0, length));
    const replaced = fc.tuple(
      fc.constantFrom("urn", "deployment", "resources", "custom", "inputs"),
      fc.json(),
    );
    const texts = fc.oneof(
      fc.json(),
      truncated,
      replaced.map(([key, value]) =>
        whole.replace(new RegExp(`"${key}":("[^"]*"|true|)`), `"${key}":${value}`),
      ),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          reading(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
    );
  });
});
