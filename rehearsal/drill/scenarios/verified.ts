import { until } from "../../until";
import type { Drill } from "../drill";
import type { Scenario } from "../scenario";
import { manifests } from "./backups";

export const verified: Scenario = {
  name: "verify",
  title: "npm run verify is green on a healthy cluster, and names the cause on each broken one",
  sharesWorld: true,
  async run(drill) {
    const { world } = drill;
    await drill.found();
    await manifests(drill, 1);
    await says(drill, undefined);
    const [first, second, third] = drill.members as [string, string, string];

    drill.doing("a machine is gone");
    await world.end(first, "kill");
    await says(drill, new RegExp(`${first}.*(last heard of|no machine|unhealthy)`));
    await world.boot(first);
    await says(drill, undefined);

    drill.doing("etcd is stopped on a machine that runs");
    await world.machine(second).exec("systemctl", "stop", "etcd");
    await says(drill, new RegExp(`${second}.*(not ready|etcd.service is|unhealthy)`));
    await world.machine(second).exec("systemctl", "start", "etcd");
    await says(drill, undefined);

    drill.doing("a parameter is changed by hand");
    const desired = drill.parameter("desired");
    const value = (await world.account.parameter(desired))!;
    await world.account.putParameter(desired, value.replace(`"${third}"`, '"member9"'));
    await says(drill, /members: declared .*run pulumi up/);
    await world.account.putParameter(desired, value);

    drill.doing("another version is declared than runs");
    await drill.declare({ version: "3.6.15" });
    await says(drill, /runs etcd 3\.6\.16, declared is 3\.6\.15/);
    drill.seen({ what: "green when healthy; four causes named" });
  },
};

/** Waits until a verification finds this cause, or none. */
async function says(drill: Drill, cause: RegExp | undefined): Promise<void> {
  let found = "";
  await until(
    cause ? `verify to find ${String(cause)}` : "verify to find nothing",
    async () => {
      const { ok, checks } = await drill.verify();
      found = checks
        .flatMap(({ check, subject, causes }) => causes.map((cause) => `${check} ${subject}: ${cause}`))
        .join("\n");
      return cause ? !ok && cause.test(found) : ok;
    },
    { within: 240_000, every: 1000 },
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it found:\n${found}`, { cause: error });
  });
}
