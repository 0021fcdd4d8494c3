import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "./cache";

/** moto answers as AWS' SSM, S3 and load balancing do (https://docs.getmoto.org/en/latest/docs/server_mode.html). */
const moto = { name: "moto", version: "5.2.5", requirement: "moto[server]" };

/** AWS' own CLI, of the line that is a Python package (https://docs.aws.amazon.com/cli/v1/userguide/). */
const aws = { name: "aws", version: "1.46.3", requirement: "awscli" };

/** The Python of an environment that holds moto: its module `moto.server`. */
export function motoPython(): string {
  return pythonWith(moto);
}

/** The Python of an environment that holds AWS' CLI: its module `awscli`. */
export function awsPython(): string {
  return pythonWith(aws);
}

/**
 * The Python of an environment that holds a package, kept in the cache; made once, whole or not at all.
 * @throws Error if python3 has no module venv, or the package cannot be had
 */
function pythonWith({ name, version, requirement }: typeof moto): string {
  const environment = join(cacheRoot(), name, version);
  const python = join(environment, "bin", "python");
  if (existsSync(python)) return python;
  const partial = `${environment}.${process.pid}`;
  mkdirSync(dirname(environment), { recursive: true });
  try {
    execFileSync("python3", ["-m", "venv", partial], { stdio: "pipe" });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    execFileSync(join(partial, "bin", "python"), [...pip, `${requirement}==${version}`], { stdio: "pipe" });
    // What is run is its Python, which finds the environment from where it lies.
    renameSync(partial, environment);
  } catch (error) {
    if (!existsSync(python)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return python;
}
