import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import { patience } from "../harness/cluster";

const rounds = 3;
const bare = "/var/lib/etcd/bare";

/**
 * Backups and restores of a store of 1 GB, each compared with the same done by hand with etcd's own tools on the same
 * machines. Three members: what five would keep does not fit into a computer's memory.
 */
export const backupRestore: Scenario = {
  name: "backup-restore",
  title: "a store of 1 GB is backed up and restored, and the same is done by hand",
  settings: { backups: { interval: 60, retention: 30 } },
  needs: ["kube-apiserver"],
  async run(drill) {
    await drill.stack.declare({ members: drill.stack.declared.slice(0, 3) });
    await drill.foundCluster();
    await drill.backups.manifests(1);
    drill.doing("the store is filled with 1 GB");
    await drill.writer.fill(4096, 256 * 1024);
    const [first] = drill.members as [string];
    for (let round = 0; round < rounds; round++) {
      await drill.under("etcdctl snapshot save", async () => {
        await drill.world.machine(first).exec("etcdctl", "snapshot", "save", `${bare}.db`);
      });
      await drill.under("backup", async () => {
        await drill.backups.manifests(1, await drill.backups.request(), 4 * patience);
      });
    }
    for (let round = 0; round < rounds; round++) {
      await restoreDeclared(drill, round + 2);
      await restoreByHand(drill);
    }
  },
};

/** Declares the restore while an API server runs, as the run-book allows: it is down only for the exchange. */
async function restoreDeclared(drill: Drill, generation: number): Promise<void> {
  await drill.apiServer.start();
  await settle(drill);
  drill.doing("a restore is declared while the API server runs");
  const declared = performance.now();
  await drill.stack.declare({ restore: { snapshot: "latest", generation } });
  for (const member of drill.members)
    await drill.cluster.says(
      member,
      `generation ${generation} is restored here and ready to start`,
      "etcd-watch",
    );
  const prepared = performance.now();
  drill.seen({ what: "restore: prepared", timeToHealth: prepared - declared });
  drill.doing("the API server is stopped");
  await drill.apiServer.stop();
  for (const member of drill.members)
    await drill.cluster.says(
      member,
      `generation ${generation} runs: API servers can be started`,
      "etcd-watch",
    );
  await drill.cluster.healthy();
  drill.seen({ what: "restore: API servers down", timeToHealth: performance.now() - prepared });
  for (const member of drill.members)
    await drill.world.machine(member).exec("/usr/local/sbin/etcd-old-data", "remove", `${generation - 1}`);
}

/** Downloads the same snapshot to every machine, restores it and starts etcd with the declared flags. */
async function restoreByHand(drill: Drill): Promise<void> {
  const { world } = drill;
  const script = (text: string) => (member: string) => world.machine(member).exec("sh", "-euc", text);
  const each = (act: (member: string) => Promise<unknown>) => Promise.all(drill.members.map(act));
  const cluster = drill.members.map((name) => `${name}=https://${world.addressOf(name)}:2380`).join(",");
  await each(script("systemctl stop etcd-watch etcd-follow"));
  await settle(drill);
  drill.doing("restore by hand");
  const download = performance.now();
  // Run it as a unit, whose environment says where AWS is.
  const get = `cd /usr/local/lib/etcd; . ./lib.sh; . ./aws.sh; . ./s3.sh
    get_object "$(recorded '.restore | "\\(.bucket)/\\(.key)"')" ${bare}.db`;
  await each((member) =>
    world.machine(member).exec("systemd-run", "--quiet", "--wait", "--pipe", "bash", "-euc", get),
  );
  const start = performance.now();
  drill.seen({ what: "download", timeToHealth: start - download });
  await each(script("systemctl stop etcd"));
  await each((member) =>
    script(`/opt/etcd/current/etcdutl snapshot restore ${bare}.db --data-dir ${bare} --name ${member} \
      --initial-cluster ${cluster} --initial-cluster-token by-hand \
      --initial-advertise-peer-urls https://${world.addressOf(member)}:2380 \
      --bump-revision 1000000000 --mark-compacted 2>/dev/null
    systemd-run --quiet --unit etcd-by-hand --property Type=notify /opt/etcd/current/etcd \
      $(grep -v -e data-dir -e initial- /etc/etcd/flags) --data-dir ${bare} --initial-cluster ${cluster} \
      --initial-advertise-peer-urls https://${world.addressOf(member)}:2380 ||
      { journalctl --no-pager -u etcd-by-hand >&2; exit 1; }`)(member),
  );
  await drill.cluster.healthy();
  drill.seen({ what: "etcdutl snapshot restore and start", timeToHealth: performance.now() - start });
  await each(script(`systemctl stop etcd-by-hand; rm -r ${bare}*; systemctl start --no-block etcd`));
  await drill.cluster.healthy();
}

/** Waits until earlier writes are on disk and removed space is freed, so that both sides start equal. */
async function settle(drill: Drill): Promise<void> {
  drill.doing("what was written reaches the disks");
  for (const member of drill.members) await drill.world.machine(member).exec("fstrim", "/var/lib/etcd");
  await drill.world.machine(drill.members[0]!).exec("sync");
}
