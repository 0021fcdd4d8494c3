import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defragNamespace, defragSecretKeys } from "../../kubernetes/defragmentation";
import { exchangeEtcdFlags } from "../world/controlPlane";
import { worldDirectory } from "../world/space";
import { until } from "../../rehearse/until";
import type { Drill } from "../harness/drill";
import { commandsOf } from "../harness/runBook";
import type { Scenario } from "../harness/scenario";
import { patience } from "../harness/cluster";

interface CronJob {
  spec: { schedule: string };
}

interface Secret {
  /** In base64. */
  data: Record<string, string>;
}

export const controlPlane: Scenario = {
  name: "control-plane",
  title:
    "a Kubernetes cluster's etcd is taken over, restored, and restored from nothing, as the run-books have it typed, beside a real kubelet",
  needs: ["pulumi", "aws", "kubectl", "control-plane"],
  async run(drill) {
    const [one, ...others] = drill.stack.declared;
    await drill.operator.edit({ members: [one!, ...others.slice(0, 2)] });
    const machine = await drill.operator.bootControlPlane();
    drill.doing("a control plane with an etcd of its own starts");
    await create(drill, "configmap", "of-old");

    const bucket = "old-backups";
    await drill.operator.run(`aws s3 mb s3://${bucket}`);
    await drill.operator.follow("take-over", { blocks: [0, 1], machine, filledIn: { BUCKET: bucket } });
    await drill.operator.edit({ restore: { snapshot: `s3://${bucket}/old.db`, generation: 1 } });
    await drill.operator.follow("take-over", { blocks: [2, 3], machine });
    drill.doing("kube-apiserver gets the new cluster's flags");
    exchangeEtcdFlags(machine, (await drill.operator.run(commandsOf("take-over")[4]!)).trim().split("\n"));
    await drill.operator.follow("take-over", { blocks: [5, 6], machine });
    await controllersWork(drill, "taken-over");
    await holds(drill, ["of-old"], []);
    drill.seen({ what: "taken over" });

    await defragmentationByCronJob(drill);

    await create(drill, "configmap", "of-before");
    const [kept] = await drill.backups.manifests(1, await drill.backups.request());
    await create(drill, "configmap", "of-after");
    await drill.operator.follow("restore", { blocks: [0, 1], machine });
    await drill.operator.edit({ restore: { snapshot: "latest", generation: 2 } });
    await drill.operator.follow("restore", { blocks: [2, 3], machine });
    await controllersWork(drill, "restored");
    await holds(drill, ["of-old", "of-before"], ["of-after"]);
    drill.seen({ what: `restored to revision ${kept!.revision}` });

    for (const member of drill.members.slice(0, 2))
      await drill.operator.loseMachine(member, { withVolume: true });
    await drill.operator.follow("majority-lost", { blocks: [0, 1], machine });
    await drill.operator.edit({ restore: { snapshot: "latest", generation: 3 } });
    await drill.operator.follow("majority-lost", { blocks: [2, 3], machine });
    await controllersWork(drill, "restored-from-nothing");
    await holds(drill, ["of-old", "of-before"], ["of-after"]);
    drill.seen({ what: "restored with the majority lost" });
  },
};

/** Makes an object as soon as the API server answers. */
async function create(drill: Drill, ...what: readonly string[]): Promise<void> {
  await until(
    `kubectl create ${what.join(" ")}`,
    () =>
      drill.operator.run(`kubectl create ${what.join(" ")}`).then(
        () => true,
        () => false,
      ),
    { within: patience, every: 1000 },
  );
}

/** The controller manager notices what is new: a namespace gets its service account. */
async function controllersWork(drill: Drill, namespace: string): Promise<void> {
  drill.doing("the controller manager makes a new namespace's service account");
  await create(drill, "namespace", namespace);
  const accounts = `kubectl --namespace ${namespace} get serviceaccounts --output name`;
  await until(
    `a service account in ${namespace}`,
    async () => (await drill.operator.run(accounts)).includes("serviceaccount/default"),
    { within: patience, every: 1000 },
  );
}

/** @throws Error if an expected ConfigMap is missing, or one that must be gone is there */
async function holds(drill: Drill, there: readonly string[], gone: readonly string[]): Promise<void> {
  const names = await drill.operator.run("kubectl get configmaps --output name");
  for (const name of there)
    if (!names.includes(`configmap/${name}\n`)) throw new Error(`the ConfigMap ${name} is not there`);
  for (const name of gone)
    if (names.includes(`configmap/${name}\n`)) throw new Error(`the ConfigMap ${name} is there`);
}

/** Both ways to install the CronJob in the Kubernetes cluster: its Secret gives access to etcd. */
async function defragmentationByCronJob(drill: Drill): Promise<void> {
  const schedule = "30 2 * * 0";
  const kubeconfig = (await drill.operator.run("printenv KUBECONFIG")).trim();
  for (const [defragmentation, blocks] of [
    [{ schedule }, [3, 5, 4]],
    [{ schedule, kubeconfig }, [3, 4]],
  ] as const) {
    await drill.operator.edit({ defragmentation });
    await drill.operator.follow("defragment", { blocks });
    const kubectl = (command: string) =>
      drill.operator.run(`kubectl --namespace ${defragNamespace} ${command}`);
    const { spec } = JSON.parse(await kubectl("get cronjob etcd-prod --output json")) as CronJob;
    if (spec.schedule !== schedule) throw new Error(`the CronJob's schedule is ${spec.schedule}`);
    const { data } = JSON.parse(await kubectl("get secret etcd-prod --output json")) as Secret;
    const directory = mkdtempSync(join(worldDirectory, "secret-"));
    const [ca, cert, key] = Object.values(defragSecretKeys).map((name) => {
      const file = join(directory, name);
      writeFileSync(file, Buffer.from(data[name]!, "base64"), { mode: 0o600 });
      return file;
    }) as [string, string, string];
    await drill.cluster.etcdctlAs({ ca, cert, key }, drill.members, "endpoint", "health");
    await kubectl("delete cronjob,secret etcd-prod");
  }
}
