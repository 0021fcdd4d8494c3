import { parseAllDocuments } from "yaml";
import { EtcdDefragmentation, EtcdPki } from "../../components";
import type { ClusterDeclaration, ClusterSpec } from "../../spec";
import { parseCluster } from "../../spec";
import { declaration, specOf } from "../fixtures/declarations";
import { mockEngine, settled, valueOf, type MockedResource } from "../fixtures/mocks";

type Defragmentation = NonNullable<ClusterDeclaration["defragmentation"]>;

let made: MockedResource[];
beforeEach(() => {
  made = mockEngine();
});

async function defragmentation(settings: Partial<Defragmentation> = {}, changed: Partial<ClusterSpec> = {}) {
  const declared = { ...declaration("prod"), defragmentation: { schedule: "30 2 * * 0", ...settings } };
  const spec = { ...specOf(declared), ...changed };
  const pki = new EtcdPki("prod", spec);
  const component = new EtcdDefragmentation("prod", { spec, pki, keyArn: "arn:aws:kms:key" });
  await settled(pki, component);
  return component;
}

/** What a manifest says of the pods. */
interface CronJob {
  spec: {
    schedule: string;
    concurrencyPolicy: string;
    jobTemplate: {
      spec: {
        template: { spec: { hostNetwork?: boolean; containers: { image: string; args: string[] }[] } };
      };
    };
  };
}

function cronJob(manifests: string): CronJob {
  const [namespace, job] = parseAllDocuments(manifests).map((document) => document.toJS() as CronJob);
  expect(namespace).toMatchObject({
    kind: "Namespace",
    metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });
  return job!;
}

const kubernetes = () => made.filter(({ type }) => type.startsWith("kubernetes:"));

test("asks every member with the certificate of its own, one after the other, the leader handed over", async () => {
  const { spec } = cronJob((await defragmentation()).manifests);
  expect(spec).toMatchObject({ schedule: "30 2 * * 0", concurrencyPolicy: "Forbid" });
  const pod = spec.jobTemplate.spec.template.spec;
  expect(pod.hostNetwork).toBeUndefined();
  expect(pod.containers.map(({ image }) => image)).toEqual(["ghcr.io/ahrtr/etcd-defrag:v0.42.0"]);
  expect(pod.containers[0]!.args).toEqual([
    "--endpoints=https://10.0.1.11:2379,https://10.0.2.11:2379,https://10.0.3.11:2379,https://10.0.1.12:2379,https://10.0.2.12:2379",
    "--cacert=/etc/etcd/pki/ca.crt",
    "--cert=/etc/etcd/pki/tls.crt",
    "--key=/etc/etcd/pki/tls.key",
    "--defrag-rule=dbSizeFree > 0.5 * dbSize && dbSize > 100 * 1024 * 1024",
    "--etcd-storage-quota-bytes=4294967296",
    "--move-leader",
    "--wait-between-defrags=1m",
    "--continue-on-error=false",
    "--compaction=false",
    "--command-timeout=10m",
  ]);
});

test("asks members, not the load balancer, and by name where they found by DNS", async () => {
  const { manifests } = await defragmentation(
    {},
    { apiServer: { endpoints: "loadBalancer" }, discovery: "dns" },
  );
  const { args } = cronJob(manifests).spec.jobTemplate.spec.template.spec.containers[0]!;
  expect(args[0]).toMatch(/^--endpoints=https:\/\/member1\.prod\.etcd\.internal:2379,/);
  expect(args[0]).not.toContain("https://etcd.prod");
});

test("without a kubeconfig the key lies in SSM alone, never in the manifests", async () => {
  const { manifests, secret } = await defragmentation();
  expect(kubernetes()).toEqual([]);
  expect(manifests).not.toContain("key of");
  const parameters = made.filter(
    ({ type, inputs }) =>
      type === "aws:ssm/parameter:Parameter" && String(inputs.name).includes("/clients/defragmentation/"),
  );
  expect(parameters.map(({ inputs }) => [inputs.name, inputs.type]).sort()).toEqual(
    ["ca.crt", "tls.crt", "tls.key"].map((key) => [
      `/etcd/prod/pki/clients/defragmentation/${key}`,
      "SecureString",
    ]),
  );
  expect(secret).toEqual(
    ["ca.crt", "tls.crt", "tls.key"].map((key) => ({
      key,
      parameter: `/etcd/prod/pki/clients/defragmentation/${key}`,
    })),
  );
});

test("with a kubeconfig all is applied there, and nothing is put into SSM", async () => {
  const { secret, urn } = await defragmentation({ kubeconfig: "/home/me/.kube/config" });
  await valueOf(urn);
  expect(made.find(({ type }) => type === "pulumi:providers:kubernetes")!.inputs).toMatchObject({
    kubeconfig: "/home/me/.kube/config",
  });
  expect(kubernetes().map(({ inputs }) => inputs.kind)).toEqual(
    expect.arrayContaining(["Namespace", "Secret", "CronJob"]),
  );
  const { inputs } = kubernetes().find((each) => each.inputs.kind === "Secret")!;
  expect(inputs).toMatchObject({
    type: "kubernetes.io/tls",
    // Whole, as it crosses Pulumi's protocol: a secret.
    stringData: {
      value: {
        "ca.crt": "certificate of prod-client-ca",
        "tls.crt": "certificate of prod-client-defragmentation",
        "tls.key": "key of prod-client-defragmentation",
      },
    },
  });
  expect(secret).toEqual([]);
  const parameters = made.filter(({ type }) => type === "aws:ssm/parameter:Parameter");
  expect(parameters.map(({ name }) => name)).toEqual(["prod-authorities"]);
});

test("takes an image from another registry, by its digest", async () => {
  const image = `registry.example/etcd-defrag@sha256:${"0".repeat(64)}`;
  const { manifests } = await defragmentation({ image });
  expect(cronJob(manifests).spec.jobTemplate.spec.template.spec.containers[0]!.image).toBe(image);
});

test.each([
  [{ schedule: "every night" }, "defragmentation.schedule: "],
  [{ schedule: "30 2 * *" }, "must be a cron expression such as 30 2 * * 0"],
  [{ schedule: "30 2 * * 0", image: "etcd-defrag" }, "must be an image with its tag or digest"],
  [{ schedule: "30 2 * * 0", image: "etcd-defrag:latest" }, "must not be latest, which moves"],
  [{ schedule: "30 2 * * 0", kubeconfig: "" }, "kubeconfig: empty; give it a value, or leave it out"],
])("%j is refused", (settings, message) => {
  const parsed = parseCluster({ ...declaration("prod"), defragmentation: settings });
  const problems = "problems" in parsed ? parsed.problems : [];
  expect(problems.map(({ path, message }) => `${path}: ${message}`).join("\n")).toContain(message);
});

test.each(["*/15 * * * *", "0 3 1,15 * MON-FRI", "5 4 * 1-6/2 sun"])(
  "the schedule %s is taken",
  (schedule) => {
    const parsed = parseCluster({ ...declaration("prod"), defragmentation: { schedule } });
    expect("problems" in parsed ? parsed.problems : []).toEqual([]);
  },
);
