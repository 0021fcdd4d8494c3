import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { terminalPicture } from "../text/terminal";
import { command, runCommand } from "./command";

const file = "docs/rehearsal.svg";

const program = command(
  "picture",
  `Rehearses the production stack and draws its output as a terminal, into ${file}`,
).action(() => {
  const said = spawnSync("npm", ["start", "--silent"], {
    encoding: "utf8",
    env: { ...process.env, FORCE_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  process.stderr.write(said.stderr);
  if (said.status !== 0) throw new Error("npm start failed: see above");
  // Leave out lines of steps that have only begun: a terminal overwrites them.
  const steps = said.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("- "));
  const verdict = said.stdout.trimEnd().split("\n").at(-1)!;
  writeFileSync(file, terminalPicture("npm start", [...steps, "", verdict]));
});

void runCommand(program);
