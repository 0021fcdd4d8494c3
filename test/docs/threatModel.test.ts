import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { allowedActions, apiServerActions, backupBucketPolicy } from "../../machine/allowedActions";
import { root } from "../fixtures/declarations";

const directory = join(root, "docs");
const text = readFileSync(join(directory, "threat-model.md"), "utf8").replace(/\s+/g, " ");

const links = [...text.matchAll(/\[([^\]]+)\]\(([^)#]+)\)/g)]
  .map(([, words, path]) => ({ words: words!, path: path! }))
  .filter(({ path }) => !path.startsWith("https:"));
const quoted = links.filter(({ words }) => words.startsWith('"'));

test.each(links)("what the threat model goes by is there: $path", ({ path }) => {
  expect(existsSync(join(directory, path))).toBe(true);
});

test("the threat model goes by tests", () => {
  expect(quoted.length).toBeGreaterThan(10);
});

test.each(quoted)("$words is a test's name", ({ words, path }) => {
  expect(readFileSync(join(directory, path), "utf8")).toContain(words.slice(1, -1));
});

test("the permissions that the threat model names are granted or refused under that name", () => {
  const arns = { parameterArnPrefix: "arn:p", keyArn: "arn:k", bucketArn: "arn:b" };
  const granted = allowedActions({ ...arns, cluster: "c", member: "m" });
  const toApiServers = apiServerActions({
    parameterArns: ["arn:p/c"],
    reportsArn: "arn:p/r",
    keyArn: "arn:k",
  });
  const refused = backupBucketPolicy(arns.bucketArn) as { Sid: string }[];
  const known = [...granted, ...toApiServers, ...refused].map(({ Sid }) => Sid);
  const named = [...text.matchAll(/\*\*([A-Z][a-z]+(?:[A-Z][a-z]+)+)\*\*/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(known).toEqual(expect.arrayContaining(named));
});
