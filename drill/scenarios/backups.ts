import { manifestsPrefix } from "../../contract/paths";
import { until } from "../../rehearse/until";
import { bucketOutOfReach, uploadCutOff } from "../faults/aws";
import type { Scenario } from "../harness/scenario";

/** The shortest interval that the settings accept. */
export const frequentBackups = { backups: { interval: 5, retention: 30 } };

export const backup: Scenario = {
  name: "backup",
  title: "backups under load: one a period and one on request, each proved before it counts",
  settings: frequentBackups,
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster();
    await drill.writer.start();
    drill.doing("the first backup, which is owed as soon as there is a cluster");
    const [first] = await drill.backups.manifests(1);
    await drill.writer.moreWrites(100);
    drill.doing("an operator asks for another");
    const start = performance.now();
    const asked = await drill.backups.request();
    const [second] = await drill.backups.manifests(1, asked);
    const took = performance.now() - start;
    const seen = await drill.writer.stop();
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
  settings: frequentBackups,
  foundsCluster: true,
  async run(drill) {
    const noManifest = async () => {
      if ((await drill.world.account.objects(manifestsPrefix)).length > 0)
        throw new Error("a manifest is there without its snapshot");
    };
    const [cutOff, outOfReach] = [uploadCutOff(), bucketOutOfReach()];
    await drill.during(cutOff, async () => {
      await drill.foundCluster();
      await until("an upload", () => Promise.resolve(cutOff.struck > 0), { within: 180_000 });
      await noManifest();
    });
    await drill.during(outOfReach, async () => {
      const struck = outOfReach.struck;
      drill.doing("an operator asks again");
      await drill.backups.request();
      await until("another attempt", () => Promise.resolve(outOfReach.struck > struck), { within: 180_000 });
      await noManifest();
    });
    drill.doing("the bucket is there again");
    const asked = await drill.backups.request();
    const [good] = await drill.backups.manifests(1, asked);
    drill.seen({
      what: `${cutOff.struck + outOfReach.struck} failures counted for nothing; then revision ${good!.revision} was kept`,
    });
  },
};
