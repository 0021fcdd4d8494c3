import { etcdMinor, versionProblem, versionStepProblem, versionWarning } from "../../spec/versions";

test.each(["3.5.32", "3.5.35", "3.6.12", "3.6.16", "3.7.1", "3.7.3"])("%s runs here", (version) => {
  expect(versionProblem(version)).toBeUndefined();
});

test.each([
  ["3.5.31", "3.5.32"],
  ["3.6.11", "3.6.12"],
  ["3.7.0", "3.7.1"],
  ["3.4.45", "no minor known"],
  ["3.8.0", "no minor known"],
  ["4.0.0", "no minor known"],
  ["3.6", "full semantic version"],
  ["v3.6.16", "full semantic version"],
  ["latest", "full semantic version"],
  ["3.6.16-rc.0", "pre-release"],
])("%s is refused, naming %s", (version, reason) => {
  expect(versionProblem(version)).toContain(reason);
});

test("the handshake's denial of service is warned of below the patch that mends it", () => {
  expect(versionWarning("3.5.32")).toContain("3.5.33");
  expect(versionWarning("3.6.13")).toContain("3.6.14");
  expect([versionWarning("3.5.33"), versionWarning("3.6.14"), versionWarning("3.7.1")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("the minor of an unknown version is an error", () => {
  expect(etcdMinor("3.6.16")).toBe("3.6");
  expect(() => etcdMinor("3.9.1")).toThrow(RangeError);
});

test.each([
  ["3.5.32", "3.6.16"],
  ["3.6.11", "3.7.3"],
  ["3.6.12", "3.6.16"],
  ["3.6.16", "3.6.12"],
  ["3.6.16", "3.5.35"],
  ["3.7.3", "3.6.16"],
])("%s may become %s", (from, to) => {
  expect(versionStepProblem(from, to)).toBeUndefined();
});

test.each([
  ["3.5.31", "3.6.16", "every member must run 3.5.32 or later of its minor first"],
  ["3.6.10", "3.7.3", "every member must run 3.6.11 or later of its minor first"],
  ["3.5.35", "3.7.3", "one minor version at a time"],
  ["3.7.3", "3.5.35", "one minor version at a time"],
  ["3.6.16", "4.0.0", "another major version"],
  ["", "3.6.16", "no semantic versions"],
])("%s may not become %s", (from, to, problem) => {
  expect(versionStepProblem(from, to)).toBe(problem);
});
