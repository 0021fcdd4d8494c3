import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { SettingsError } from "../record/settingsError";

/** A file could not be written after all, for example on a full disk: the user asked for nothing wrong. */
export class OutputLost extends Error {}

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

  /**
   * Writes a file as a whole: whoever reads it meanwhile sees the old one or the new one. Devices and links are written
   * through.
   * @throws OutputLost if it cannot be written, for example on a full disk
   */
  write(option: Name, content: () => string): void {
    const file = this.files[option];
    if (file === undefined) return;
    const text = content();
    // Anything but an ordinary file, such as a device or a link, stays what it is.
    const whole = isOrdinary(file);
    const target = whole ? `${file}.${process.pid}.part` : file;
    try {
      writeFileSync(target, text);
      if (whole) renameSync(target, file);
    } catch (error) {
      if (whole) rmSync(target, { force: true });
      throw new OutputLost(`--${option} ${file}: cannot be written: ${(error as Error).message}`);
    }
  }
}

function isOrdinary(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
}

function assertWritable(option: string, file: string): void {
  const refuse = (problem: string) => new SettingsError(`--${option} ${file}: cannot be written: ${problem}`);
  const directory = dirname(resolve(file));
  if (!existsSync(directory)) throw refuse(`${directory} does not exist`);
  if (existsSync(file) && statSync(file).isDirectory()) throw refuse("it is a directory");
  if (!isOrdinary(file)) return;
  try {
    accessSync(directory, constants.W_OK);
  } catch {
    throw refuse(`${directory} is not writable`);
  }
}
