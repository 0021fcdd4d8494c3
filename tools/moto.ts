import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "./cache";

/** moto answers as AWS' SSM, S3 and load balancing do (https://docs.getmoto.org/en/latest/docs/server_mode.html). */
const version = "5.2.5";

/**
 * The Python of an environment that holds moto, kept in the cache; made once, whole or not at all.
 * @throws Error if python3 has no module venv, or the package cannot be had
 */
export function motoPython(): string {
  const environment = join(cacheRoot(), "moto", version);
  const python = join(environment, "bin", "python");
  if (existsSync(python)) return python;
  const partial = `${environment}.${process.pid}`;
  mkdirSync(dirname(environment), { recursive: true });
  try {
    execFileSync("python3", ["-m", "venv", partial], { stdio: "pipe" });
    const pip = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      `moto[server]==${version}`,
    ];
    execFileSync(join(partial, "bin", "python"), pip, { stdio: "pipe" });
    // What is run is its Python, which finds the environment from where it lies.
    renameSync(partial, environment);
  } catch (error) {
    if (!existsSync(python)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return python;
}
