import { accessSync, constants, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { SettingsError } from "./recorder/project";

/** Files that a command was asked to write. */
export class Outputs<Name extends string> {
  /**
   * @param files paths by the option that names them
   * @throws SettingsError for a path that cannot be written, before anything runs
   */
  constructor(private readonly files: Partial<Record<Name, string>>) {
    for (const [option, file] of Object.entries(files) as [Name, string | undefined][]) {
      if (file !== undefined) assertWritable(option, file);
    }
  }

  /** Writes a file as a whole: whoever reads it meanwhile sees the old one or the new one. */
  write(option: Name, content: () => string): void {
    const file = this.files[option];
    if (file === undefined) return;
    const part = `${file}.${process.pid}.part`;
    try {
      writeFileSync(part, content());
      renameSync(part, file);
    } catch (error) {
      rmSync(part, { force: true });
      throw new SettingsError(`--${option} ${file}: cannot be written: ${(error as Error).message}`);
    }
  }
}

function assertWritable(option: string, file: string): void {
  const refuse = (problem: string) => new SettingsError(`--${option} ${file}: cannot be written: ${problem}`);
  const directory = dirname(resolve(file));
  if (!existsSync(directory)) throw refuse(`${directory} does not exist`);
  if (existsSync(file) && statSync(file).isDirectory()) throw refuse("it is a directory");
  try {
    accessSync(directory, constants.W_OK);
  } catch {
    throw refuse(`${directory} is not writable`);
  }
}
