import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Properties } from "../../record/values";

/** A resource as the stand-in for AWS keeps it. */
export interface Kept {
  type: string;
  urn: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** When it was made, or when an instance was last started: ISO 8601. */
  since: string;
}

/** What distinguishes a resource from all others. */
export function key(type: string, id: string): string {
  return `${type} ${id}`;
}

/** Puts a resource into a stand-in's directory, in place of its previous state. */
export function keep(directory: string, resource: Kept): void {
  const place = file(directory, resource.type, resource.id);
  // With one rename, because others read here at the same time.
  writeFileSync(`${place}~`, JSON.stringify(resource), { mode: 0o600 });
  renameSync(`${place}~`, place);
}

/** Removes a resource from a stand-in's directory. */
export function forget(directory: string, { type, id }: Kept): void {
  rmSync(file(directory, type, id));
}

/** The contents of a stand-in's directory, even while others write to it. */
export function keptIn(directory: string): Kept[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".json"));
  return names.flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(directory, name), "utf8")) as Kept];
    } catch (error) {
      // It was deleted after the directory was read.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
}

function file(directory: string, type: string, id: string): string {
  return join(directory, `${encodeURIComponent(key(type, id))}.json`);
}
