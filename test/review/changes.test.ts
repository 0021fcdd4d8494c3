import type { RecordedResource, Recording, ResourceOptions } from "../../record/recording";
import { changesBetween } from "../../review/changes";

/** A resource of AWS below a parent, by the names of both. */
function volume(
  name: string,
  inputs: object,
  options: ResourceOptions = {},
  parent = "group",
): RecordedResource {
  const type = "aws:ebs/volume:Volume";
  return {
    ...{ urn: `urn:pulumi:test::p::a:b:Group$${type}::${name}`, type, name, custom: true },
    ...{ parent: urnOfGroup(parent), inputs: { ...inputs }, outputs: {} },
    ...{ dependencies: [], propertyDependencies: {}, options },
  };
}

const urnOfGroup = (name: string) => `urn:pulumi:test::p::a:b:Group::${name}`;

function group(name: string, options: ResourceOptions = {}): RecordedResource {
  return {
    ...{ urn: urnOfGroup(name), type: "a:b:Group", name, custom: false, inputs: {}, outputs: {} },
    ...{ dependencies: [], propertyDependencies: {}, options },
  };
}

function changes(before: RecordedResource[], after: RecordedResource[]) {
  const recording = (resources: RecordedResource[]): Recording => ({
    ...{ project: "p", stack: "test", resources, outputs: {}, logs: [], hooks: [] },
  });
  const { added, removed, replaced, changed } = changesBetween("base", recording(before), recording(after));
  return { added, removed, replaced, changed };
}

const none = { added: [], removed: [], replaced: [], changed: [] };

test("a resource with an alias is the one that had that name", () => {
  const renamed = volume("new", { size: 2 }, { aliases: [volume("old", {}).urn] });
  expect(changes([volume("old", { size: 1 })], [renamed])).toEqual({
    ...none,
    changed: ["Volume new: size"],
  });
});

test("children follow a parent that is renamed, with its name in theirs", () => {
  const before = [group("old"), volume("old-data", {}, {}, "old"), volume("other", {}, {}, "old")];
  const after = [
    group("new", { aliases: [urnOfGroup("old")] }),
    volume("new-data", {}, {}, "new"),
    volume("other", {}, {}, "new"),
  ];
  expect(changes(before, after)).toEqual(none);
});

test("without an alias a renamed resource is a new one, and the old one goes", () => {
  expect(changes([volume("old", {})], [volume("new", {})])).toEqual({
    ...none,
    added: ["Volume new"],
    removed: ["Volume old"],
  });
});

test("what ignoreChanges names changes nothing", () => {
  const after = (path: string) => [volume("data", { size: 2 }, { ignoreChanges: [path] })];
  expect(changes([volume("data", { size: 1 })], after("size"))).toEqual(none);
  expect(changes([volume("data", { size: 1 })], after("*"))).toEqual(none);
  expect(changes([volume("data", { size: 1 })], after("tags"))).toEqual({
    ...none,
    changed: ["Volume data: size"],
  });
});

test.each(["tags", "*", 'tags["owner"]', "tags.owner"])(
  "what replaceOnChanges names replaces: %s",
  (path) => {
    const after = [volume("data", { tags: { owner: "b" } }, { replaceOnChanges: [path] })];
    expect(changes([volume("data", { tags: { owner: "a" } })], after)).toEqual({
      ...none,
      replaced: ["Volume data: tags"],
    });
  },
);

test("another replacement trigger replaces", () => {
  const before = [volume("data", {}, { replacementTrigger: 1 })];
  expect(changes(before, [volume("data", {}, { replacementTrigger: 2 })])).toEqual({
    ...none,
    replaced: ["Volume data: replacementTrigger"],
  });
});
