import { closeSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../tools/run";

/**
 * A data volume: a sparse file behind a loop device. The device goes with the last that has it open, and
 * this process has it open: however it ends, nothing stays.
 */
export class Volume {
  /** How many writes it takes in a second; as many as come, if undefined. */
  writesPerSecond?: number;

  private constructor(
    readonly id: string,
    private readonly file: string,
    readonly device: string,
    private readonly handle: number,
  ) {}

  /**
   * @param sizeGiB as EBS would make it; only what is written takes room
   * @param from the volume that it is made from, as from its snapshot
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

  /** The volume is made larger in place, as EBS does; its file system is not. */
  async grow(sizeGiB: number): Promise<void> {
    truncateSync(this.file, sizeGiB * 1024 ** 3);
    await run("losetup", ["--set-capacity", this.device]);
  }

  /** The volume is lost with everything on it. No machine may have it mounted. */
  lose(): void {
    closeSync(this.handle);
    rmSync(this.file);
  }
}
