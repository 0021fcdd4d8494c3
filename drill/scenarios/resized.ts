import { until } from "../../rehearse/until";
import type { Fault } from "../faults/fault";
import type { Drill } from "../harness/drill";
import type { Scenario } from "../harness/scenario";
import type { MemberSetting } from "../harness/stack";
import { asBackedUp, create, generation, names } from "./restores";

export const restoreResized: Scenario = {
  name: "restore-resized",
  title:
    "restored from five members onto three, and onto five again, an API server coming back just when members stop",
  needs: ["kube-apiserver"],
  async run(drill) {
    await drill.foundCluster();
    const five = drill.stack.declared;
    const [three, leftOut] = [five.slice(0, 3), five.slice(3).map(({ name }) => name)];
    await drill.apiServer.start();
    await create(drill, "before");
    await drill.backups.manifests(1, await drill.backups.request());
    await create(drill, "after");

    await restoredOnto(drill, three, 2);
    // They still exist, because Pulumi deletes what is no longer declared at the end of an update.
    for (const member of leftOut)
      await until(`${member}, which was left out, to stop`, async () => {
        const state = await drill.world.machine(member).exec("sh", "-c", "systemctl is-active etcd || true");
        return state.trim() !== "active";
      });
    await create(drill, "between");
    await drill.backups.manifests(1, await drill.backups.request());
    for (const member of leftOut) await drill.world.end(member, "kill");

    await restoredOnto(drill, five, 3, async () => {
      for (const member of leftOut) {
        await drill.world.loseVolume(member);
        await drill.world.boot(member);
      }
    });
    const found = await names(drill);
    if (!found.includes("between")) throw new Error("the object of the three members' time is not back");
  },
};

/** Declares a restore onto these members and sees it through. */
async function restoredOnto(
  drill: Drill,
  members: MemberSetting[],
  number: number,
  boot: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const what = `restored onto ${members.length} members`;
  const before = drill.stack.members;
  drill.doing(`a restore onto ${members.length} members is declared while the API server runs`);
  await drill.stack.declare({ members, restore: { snapshot: "latest", generation: number } });
  await boot();
  const holding = before.find((name) => members.some((member) => member.name === name))!;
  await drill.cluster.says(holding, `generation ${number} is restored here and ready to start`, "etcd-watch");
  await drill.cluster.says(holding, "API servers to be stopped", "etcd-watch");

  const back = apiServerBack(drill);
  await drill.during(back, async () => {
    await drill.apiServer.stop();
    const start = performance.now();
    await generation(drill, number);
    await drill.cluster.healthy();
    drill.seen({ what, timeToHealth: performance.now() - start });
  });
  await drill.apiServer.start();
  await asBackedUp(drill);
}

/** An API server comes back the moment the first member has stopped for a restore, while others still serve. */
function apiServerBack({ apiServer }: Drill): Fault {
  let came: Promise<void> | undefined;
  return {
    name: "an API server comes back once the first member has stopped",
    inject: ({ gateway }) => {
      gateway.intercept = ({ action, body }) => {
        const stopped = action === "ssm:PutParameter" && /"Value":"stopped"/.test(String(body));
        if (stopped) came ??= apiServer.start({ restarts: true });
        return false;
      };
      return Promise.resolve();
    },
    async heal({ gateway }) {
      gateway.intercept = undefined;
      if (came === undefined) throw new Error("no member said that it stopped");
      await came;
      await apiServer.stop();
    },
  };
}
