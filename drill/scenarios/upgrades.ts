import { until } from "../../rehearse/until";
import { machineDies } from "../faults/machines";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import { patience } from "../harness/cluster";
import { members } from "./members";

export const upgrade: Scenario = {
  name: "upgrade",
  title: "3.5 → 3.6 under an API server, 3.6 → 3.7 under a writer, one machine at a time",
  settings: { version: "3.5.35" },
  versions: ["3.5.35", "3.7.3"],
  needs: ["kube-apiserver"],
  async run(drill) {
    await drill.foundCluster("five machines found a cluster of etcd 3.5.35");
    await drill.apiServer.start();
    await drill.under("3.5.35 → 3.6.16, API server on top", () => upTo(drill, "3.6.16"), { through: "api" });
    await drill.apiServer.stop();
    await cutLogs(drill);
    await drill.under("3.6.16 → 3.7.3", () => upTo(drill, "3.7.3"));
  },
};

export const downgrade: Scenario = {
  name: "downgrade",
  title: "an upgrade is taken back half-way, and after it is complete by the official downgrade",
  settings: { version: "3.5.35", members: members(3) },
  versions: ["3.5.35"],
  async run(drill) {
    await drill.foundCluster("three machines found a cluster of etcd 3.5.35");
    const [first, second] = drill.members as [string, string];
    await drill.under("an upgrade that stops at its second machine is taken back", async () => {
      await drill.stack.declareVersion("3.6.16");
      await drill.world.replace(first, "shutDown");
      await drill.cluster.healthy();
      await drill.world.end(second, "shutDown");
      await drill.stack.declareVersion("3.5.35");
      await drill.world.boot(second);
      await drill.world.replace(first, "shutDown");
      await drill.cluster.healthy();
      await versions(drill, "3.5.35");
    });
    await drill.under("the upgrade again, complete", () => upTo(drill, "3.6.16"));
    await drill.under("3.6.16 → 3.5.35 by the official downgrade", async () => {
      await drill.cluster.etcdctl(drill.members, "downgrade", "validate", "3.5.0");
      await drill.cluster.etcdctl(drill.members, "downgrade", "enable", "3.5.0");
      await storedAs(drill, "3.5.0");
      await to(drill, "3.5.35");
    });
  },
};

export const upgradeRefused: Scenario = {
  name: "upgrade-refused",
  title: "an upgrade is refused over two minors, without a fresh backup and beside a member that is down",
  settings: { version: "3.5.35" },
  leavesWorld: true,
  async run(drill) {
    await drill.foundCluster("five machines found a cluster of etcd 3.5.35");
    const [first, second] = drill.members as [string, string];
    const ask = (version: string) => drill.guard.ask({ version }, first);
    await drill.backups.manifests(1, await drill.backups.request());

    drill.doing("over two minors");
    await refused(ask("3.7.3"), /3\.5\.35.*3\.7\.3|one minor at a time/);
    drill.doing("with a fresh backup and all members well");
    await allReport(drill);
    const answer = await ask("3.6.16");
    if (answer !== "allowed") throw new Error(`the guard refused: ${answer}`);
    drill.doing("beside a member that is down");
    await drill.during(machineDies(second), async () => {
      await drill.cluster.balancerSays(second, "unhealthy");
      await refused(ask("3.6.16"), new RegExp(second));
    });
    await drill.cluster.healthy();
    await allReport(drill);
    drill.doing("without a backup");
    await drill.backups.deleteManifests();
    await refused(ask("3.6.16"), /no verified backup/);
    drill.seen({ what: "refused three times, each for its reason; allowed when all was well" });
    await drill.backups.manifests(1, await drill.backups.request());
  },
};

/** Waits until each existing machine reports that its member is well, and the balancer does too. */
async function allReport(drill: Drill): Promise<void> {
  const { instanceIds } = drill.world;
  for (const member of drill.members) {
    await drill.cluster.status(
      member,
      ({ ready, voter, instance }) => ready && voter && instance === instanceIds[member],
    );
    await drill.cluster.balancerSays(member, "healthy");
  }
}

async function refused(answer: Promise<string>, reason: RegExp): Promise<void> {
  const said = await answer;
  if (!reason.test(said)) throw new Error(`not refused for ${String(reason)}: ${said}`);
}

async function to(drill: Drill, version: string): Promise<void> {
  await drill.stack.declareVersion(version);
  await drill.roll();
  await versions(drill, version);
}

/** 3.7 cannot read what 3.5 wrote about members and version: wait until each member's log begins after that. */
async function cutLogs(drill: Drill): Promise<void> {
  drill.doing("3.7 is refused while the log holds what 3.5 wrote");
  await allReport(drill);
  await refused(drill.guard.ask({ version: "3.7.3" }, drill.members[0]!), /still holds what etcd 3\.5 wrote/);
  drill.doing("writes until each member's log begins after it");
  // etcd's --snapshot-count, plus some more.
  await drill.writer.fill(11_000, 64);
  for (const member of drill.members) await drill.cluster.status(member, ({ logOf35 }) => !logOf35);
}

/** An upgrade is over once the data is of its version: the leader changes that after the last member is there. */
async function upTo(drill: Drill, version: string): Promise<void> {
  await to(drill, version);
  await storedAs(drill, version.replace(/\d+$/, "0"));
}

/**
 * Waits until every member's data is of this version. `downgrade enable` returns before that, and an older etcd refuses
 * to start on newer data.
 */
export async function storedAs(drill: Drill, version: string): Promise<void> {
  await until(
    `every member's data to be of ${version}`,
    async () => (await statusOf(drill)).every(({ storageVersion }) => storageVersion === version),
    { within: patience, every: 250 },
  );
}

async function statusOf(drill: Drill): Promise<{ version: string; storageVersion?: string }[]> {
  const answer = await drill.cluster.etcdctl(drill.members, "endpoint", "status", "--write-out=json");
  const each = JSON.parse(answer) as { Status: { version: string; storageVersion?: string } }[];
  return each.map(({ Status }) => Status);
}

/** @throws Error unless every member reports that it runs this version */
async function versions(drill: Drill, version: string): Promise<void> {
  const running = (await statusOf(drill)).map((status) => status.version);
  if (running.some((each) => each !== version)) throw new Error(`members run ${running.join(", ")}`);
}
