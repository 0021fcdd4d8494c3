import { closeSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../tools/run";

/**
 * A data volume: a sparse file behind a loop device. The device goes away once nothing has it open, and this process
 * has it open: however this process ends, nothing stays.
 */
export class Volume {
  /** How many writes it accepts in a second; no limit if undefined. */
  writesPerSecond?: number;

  private constructor(
    readonly id: string,
    private readonly file: string,
    readonly device: string,
    private readonly handle: number,
  ) {}

  /**
   * @param sizeGiB as EBS would make it; only what is written takes space
   * @param from the volume that it is a copy of, as if made from a snapshot of it
   */
  static async create(directory: string, id: string, sizeGiB: number, from?: Volume): Promise<Volume> {
    const file = join(directory, id);
    if (from === undefined) {
      writeFileSync(file, "");
      truncateSync(file, sizeGiB * 1024 ** 3);
    } else {
      await run("cp", ["--sparse=always", from.file, file]);
    }
    const device = (await run("losetup", ["--direct-io=on", "--show", "--find", file])).trim();
    const handle = openSync(device, "r+");
    await run("losetup", ["--detach", device]);
    return new Volume(id, file, device, handle);
  }

  /** Grows the volume in place, as EBS does; its file system stays the same. */
  async grow(sizeGiB: number): Promise<void> {
    truncateSync(this.file, sizeGiB * 1024 ** 3);
    await run("losetup", ["--set-capacity", this.device]);
  }

  /** Loses the volume with everything on it. No machine may have it mounted. */
  lose(): void {
    closeSync(this.handle);
    rmSync(this.file);
  }
}
