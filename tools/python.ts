import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "./cache";

/** moto answers like AWS' SSM, S3 and load balancing (https://docs.getmoto.org/en/latest/docs/server_mode.html). */
const moto = { name: "moto", version: "5.2.5", requirement: "moto[server]" };

/** AWS' own CLI, version 1, which is a Python package (https://docs.aws.amazon.com/cli/v1/userguide/). */
const aws = { name: "aws", version: "1.46.3", requirement: "awscli" };

/** The Python of an environment with moto: its module `moto.server`. */
export function motoPython(): string {
  return pythonWith(moto);
}

/** The Python of an environment with AWS' CLI: its module `awscli`. */
export function awsPython(): string {
  return pythonWith(aws);
}

/**
 * The Python of an environment with a package, kept in the cache; made once, whole or not at all.
 * @throws Error if python3 has no module venv, or the package is not available
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
    // Callers run its Python, which finds the environment from its own location.
    renameSync(partial, environment);
  } catch (error) {
    if (!existsSync(python)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return python;
}
