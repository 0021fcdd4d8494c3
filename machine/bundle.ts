import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzip, ungzip } from "pako";
import { imageTable } from "../spec/image";
import { tar, untar, type ArchivedFile } from "./tar";

/** The programs and units of an etcd machine in one archive, as this folder holds them. */
export interface Bundle {
  /** Of the compressed archive, in hex. It names the bundle, and a machine checks the bundle against it. */
  sha256: string;
  /** The archive in base64, cut into values of standard parameters; each begins with its number. */
  parts: string[];
}

/**
 * Characters of the archive in one parameter. A standard parameter holds 4 KB
 * (https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html).
 */
const partLength = 4000;

let made: Bundle | undefined;

/**
 * The bundle of this version of the programs. The same files give the same bytes, wherever and whenever it is made.
 * A pinned zlib in JavaScript compresses it: the output of Node's own zlib differs between Node versions, and one
 * different byte would replace the machines.
 */
export function bundle(): Bundle {
  return (made ??= pack(machinePrograms()));
}

/** What a machine gets in its directory of programs: beside them, the table of what its image must have. */
export function machinePrograms(): ArchivedFile[] {
  const table = { path: "image.txt", mode: 0o644, content: imageTable() };
  return [...folder("scripts", "", 0o755), ...folder("units", "units/", 0o644), table];
}

/** The text of one of them. */
export function machineProgram(name: string): string {
  return readFileSync(join(__dirname, "scripts", name), "utf8");
}

export function pack(files: readonly ArchivedFile[]): Bundle {
  const archive = gzip(tar(files), { level: 9, memLevel: 9 });
  const text = Buffer.from(archive).toString("base64");
  const parts = Array.from(
    { length: Math.ceil(text.length / partLength) },
    (_, index) => `${partName(index)}:${text.slice(index * partLength, (index + 1) * partLength)}`,
  );
  return { sha256: sha256(archive), parts };
}

/** The last part of a parameter's name. */
export function partName(index: number): string {
  return String(index + 1).padStart(2, "0");
}

/**
 * The files of a bundle, from its parts in any order.
 * @throws if the parts are not an archive, or not a complete one
 */
export function unpack(parts: readonly string[]): ArchivedFile[] {
  const text = [...parts].sort().map((part) => part.replace(/^\d+:/, ""));
  return untar(ungzip(Buffer.from(text.join(""), "base64")));
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** The files of a folder beside this file, in the order of their names. */
function folder(name: string, prefix: string, mode: number): ArchivedFile[] {
  const directory = join(__dirname, name);
  return readdirSync(directory)
    .sort()
    .map((file) => ({
      path: `${prefix}${file}`,
      mode,
      content: readFileSync(join(directory, file), "utf8"),
    }));
}
