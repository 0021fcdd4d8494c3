import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

export const names = ["etcd", "etcdctl", "etcdutl"] as const;

/** Absolute paths of the three. */
export type Binaries = Record<(typeof names)[number], string>;

/** The three in one directory. */
export function binariesIn(directory: string): Binaries {
  return {
    etcd: join(directory, "etcd"),
    etcdctl: join(directory, "etcdctl"),
    etcdutl: join(directory, "etcdutl"),
  };
}

/** Whether there is a file that this user may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
