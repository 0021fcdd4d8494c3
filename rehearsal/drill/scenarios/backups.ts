import { until } from "../../until";
import type { BackupManifest } from "../../../machine/records";
import { backupRequestParameter } from "../../../machine/paths";
import { manifestsPrefix } from "../../../machine/records";
import type { Drill } from "../drill";
import type { Scenario } from "../scenario";

/** As short as the settings take it. */
const settings = { backups: { interval: 5, retention: 30 } };

export const backup: Scenario = {
  name: "backup",
  title: "backups under load: one a period and one on request, each proved before it counts",
  settings,
  async run(drill) {
    await drill.found();
    await drill.startWriting();
    drill.doing("the first backup, which is owed as soon as there is a cluster");
    const [first] = await manifests(drill, 1);
    await drill.moreWrites(100);
    drill.doing("an operator asks for another");
    const start = performance.now();
    const asked = await requestBackup(drill);
    const [second] = await manifests(drill, 1, asked);
    const took = performance.now() - start;
    const seen = await drill.stopWriting();
    if (second!.revision <= first!.revision) throw new Error("the second backup is no newer");
    if (second!.totalKeys <= first!.totalKeys) throw new Error("the second backup has no more keys");
    const claims = await drill.world.account.objects("claims/");
    const kept = await drill.world.account.objects("snapshots/");
    if (kept.length !== claims.length) throw new Error(`${claims.join()} led to ${kept.join()}`);
    drill.seen({
      what: `${kept.length} backups, each by one member; asked for and there`,
      timeToHealth: took,
      ...seen,
    });
    if (drill.world.gateway.refused.length > 0)
      throw new Error(`AWS refused: ${drill.world.gateway.refused.join(", ")}`);
  },
};

export const backupFailures: Scenario = {
  name: "backup-failures",
  title: "bucket out of reach, and an upload cut off half-way: neither counts, the next one does",
  settings,
  async run(drill) {
    const { world } = drill;
    let failures = 0;
    // Half of a snapshot arrives, then the connection ends.
    world.gateway.intercept = ({ service, url, method }, response) => {
      if (service !== "s3" || method !== "PUT" || !url.includes("/snapshots/")) return false;
      failures++;
      if (failures > 1) return false;
      response.destroy();
      return true;
    };
    await drill.found();
    drill.doing("the first upload is cut off");
    await until("an upload", () => Promise.resolve(failures > 0), { within: 180_000 });
    if ((await world.account.objects(manifestsPrefix)).length > 0)
      throw new Error("a manifest is there without its snapshot");
    drill.doing("an operator asks again, the bucket is out of reach");
    world.gateway.intercept = ({ service }, response) => {
      if (service !== "s3") return false;
      failures++;
      response.statusCode = 503;
      response.end("<Error><Code>ServiceUnavailable</Code></Error>");
      return true;
    };
    const seen = failures;
    await requestBackup(drill);
    await until("another attempt", () => Promise.resolve(failures > seen), { within: 180_000 });
    if ((await world.account.objects(manifestsPrefix)).length > 0)
      throw new Error("a manifest is there without its snapshot");
    drill.doing("the bucket is there again");
    world.gateway.intercept = undefined;
    const asked = await requestBackup(drill);
    const [good] = await manifests(drill, 1, asked);
    drill.seen({
      what: `${failures} failures counted for nothing; then revision ${good!.revision} was kept`,
    });
  },
};

/** Asks the members for a backup, as `npm run backups -- --now` does; returns when. */
export async function requestBackup(drill: Drill): Promise<Date> {
  const asked = new Date();
  asked.setMilliseconds(0);
  const request = backupRequestParameter(drill.world.estate.cluster, await drill.incarnation());
  await drill.world.account.putParameter(request, asked.toISOString().replace(".000Z", "Z"));
  return asked;
}

/** Waits for so many manifests of this time or later. */
export async function manifests(
  drill: Drill,
  count: number,
  since = new Date(0),
  within = 240_000,
): Promise<BackupManifest[]> {
  return until(
    `${count} backups`,
    async () => {
      const keys = await drill.world.account.objects(manifestsPrefix);
      const all = await Promise.all(
        keys.map(
          async (key) => JSON.parse((await drill.world.account.object(key)).toString()) as BackupManifest,
        ),
      );
      const found = all.filter(({ time }) => new Date(time) >= since);
      return found.length >= count && found;
    },
    { within, every: 500 },
  );
}
