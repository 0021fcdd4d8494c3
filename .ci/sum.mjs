#!/usr/bin/env node
// Reads what the parts of a run left in a directory: prints what drills measured, what failed, the ten slowest
// parts, and the sum of tests and drills, alone on the last line. Its exit code is the run's.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const directory = process.argv[2];
const problems = [];

/** The JSON of a file; a part that ended before it wrote any is a problem, and has no results. */
function json(file, without) {
  try {
    return JSON.parse(readFileSync(join(directory, file), "utf8"));
  } catch (error) {
    problems.push(`${file}: no results (${error.message})`);
    return without;
  }
}

const parts = readFileSync(join(directory, "parts.tsv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split("\t"))
  .map(([name, seconds, status]) => ({ name, seconds: Number(seconds), status: Number(status) }));
const none = { testResults: [], numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
const counted = ["unit.tests.json", "programs.tests.json", "engine.tests.json"].map((file) =>
  json(file, none),
);
const again = readdirSync(join(directory, "again")).map((file) => json(join("again", file), none));
const drills = readdirSync(directory)
  .filter((file) => file.endsWith(".drills.json"))
  .flatMap((file) => json(file, []));

for (const { what, ...seen } of drills.flatMap((drill) => (drill.ok ? drill.seen : [])))
  console.log(
    `${what}: ${Object.entries(seen)
      .map(([name, value]) => `${name} ${Math.round(value)}`)
      .join(", ")}`,
  );
for (const { name, failure, journal = "" } of drills.filter(({ ok }) => !ok)) {
  // What the machines' own programs said before it failed.
  const said = journal.split("\n").filter((line) => /^--- |"caller":"[a-z-]+"/.test(line));
  for (const line of said.slice(-80)) console.log(`${name} ${line.slice(0, 300)}`);
  problems.push(`drill ${name}: ${failure.split("\n")[0]}`);
}
const listed = readFileSync(join(directory, "worlds.txt"), "utf8")
  .trim()
  .split(/\s+/)
  .filter((word) => /^[a-z]/.test(word));
for (const name of listed)
  if (!drills.some((drill) => drill.name === name)) problems.push(`drill ${name}: no result`);
const suites = [...counted, ...again].flatMap(({ testResults }) => testResults);
for (const { name, status, message, assertionResults } of suites) {
  const failed = assertionResults.filter((test) => test.status === "failed");
  for (const test of failed)
    problems.push(`test ${test.fullName}: ${test.failureMessages.join("\n").slice(0, 4000)}`);
  if (status === "failed" && failed.length === 0) problems.push(`${name}: ${message.slice(0, 4000)}`);
}
for (const { name, status } of parts) if (status !== 0) problems.push(`part ${name}: exit code ${status}`);

const slowest = [
  ...parts.filter(({ name }) => !/^(drills|test:|npm test)/.test(name)),
  ...suites.map(({ name, startTime, endTime }) => ({
    name: relative(process.cwd(), name),
    seconds: (endTime - startTime) / 1000,
  })),
  ...drills.map(({ name, seconds }) => ({ name: `drill ${name}`, seconds })),
].sort((a, b) => b.seconds - a.seconds);
console.log("\nLanes and phases, in seconds:");
for (const { name, seconds } of parts) console.log(`${String(seconds).padStart(6)}  ${name}`);
console.log("\nThe ten slowest parts, in seconds:");
for (const { name, seconds } of slowest.slice(0, 10))
  console.log(`${seconds.toFixed(0).padStart(6)}  ${name}`);
console.log("");
for (const problem of problems) console.log(`FAILED ${problem}`);

const sum = (results, key) => results.reduce((total, result) => total + result[key], 0);
const passed = sum(counted, "numPassedTests") + drills.filter(({ ok }) => ok).length;
const failed = sum([...counted, ...again], "numFailedTests") + drills.filter(({ ok }) => !ok).length;
const skipped = sum(counted, "numPendingTests");
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = problems.length > 0 ? 1 : 0;
