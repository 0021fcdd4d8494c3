import { incarnationKeys, manifestsPrefix } from "../../contract/paths";
import { readRecord } from "../../contract/read";
import type { BackupManifest } from "../../contract/records";
import { manifestSchema } from "../../contract/schemas";
import { until } from "../../rehearse/until";
import type { World } from "../world/world";
import type { Cluster } from "./cluster";

/** The cluster's backups, as an operator requests them and finds them in the bucket. */
export class Backups {
  constructor(
    private readonly world: World,
    private readonly cluster: Cluster,
  ) {}

  /** Asks the members for a backup, as `npm run backups -- --now` does; returns the time of the request. */
  async request(): Promise<Date> {
    const asked = new Date();
    asked.setMilliseconds(0);
    const { backupRequest } = incarnationKeys(this.world.estate.cluster, await this.cluster.incarnation());
    await this.world.account.putParameter(backupRequest, asked.toISOString().replace(".000Z", "Z"));
    return asked;
  }

  /** Waits for this many manifests of this time or later. */
  async manifests(count: number, since = new Date(0), within = 240_000): Promise<BackupManifest[]> {
    const { account } = this.world;
    return until(
      `${count} backups`,
      async () => {
        const keys = await account.objects(manifestsPrefix);
        const all = await Promise.all(
          keys.map(async (key) => readRecord(manifestSchema, key, String(await account.object(key))).value),
        );
        const recent = all.filter((each) => each !== undefined).filter(({ time }) => new Date(time) >= since);
        return recent.length >= count && recent;
      },
      { within, every: 500 },
    );
  }

  /** Deletes every manifest: no backup counts any more. */
  async deleteManifests(): Promise<void> {
    for (const key of await this.world.account.objects(manifestsPrefix))
      await this.world.account.deleteObject(key);
  }
}
