import { existsSync } from "node:fs";
import { join } from "node:path";
import { defragCronJob, defragNamespaceManifest } from "../../kubernetes/defragmentation";
import { admissionProblems } from "./admission";
import type { KubernetesApi } from "../fixtures/kubernetesApi";
import { cacheRoot } from "../../tools/cache";
import { getKubernetes, kubernetesVersion } from "../../tools/kubernetes";
import { declaration, specOf } from "../fixtures/declarations";
import { withApiServer } from "../fixtures/kubeApiserver";

// Building kube-apiserver takes minutes: here where it was got before, and in CI in any case.
const got = ["go", "release"]
  .map((source) => `${kubernetesVersion}-${source}-${process.platform}-${process.arch}`)
  .some((entry) => existsSync(join(cacheRoot(), "kube-apiserver", entry)));
const runs = got || process.env.CI !== undefined;
jest.setTimeout(1_200_000);

(runs ? describe : describe.skip)(`a real kube-apiserver${runs ? "" : " (none in the cache)"}`, () => {
  const spec = specOf({ ...declaration("prod"), defragmentation: { schedule: "30 2 * * 0" } });
  const manifests = () => ({ namespace: defragNamespaceManifest(), cronJob: defragCronJob(spec) });
  let api: KubernetesApi;
  let end: () => void;
  let ended: Promise<void>;

  beforeAll(async () => {
    const binary = await getKubernetes("kube-apiserver");
    await new Promise<void>((ready, failed) => {
      ended = withApiServer(binary["kube-apiserver"], (started) => {
        api = started;
        ready();
        return new Promise((resolve) => (end = resolve));
      });
      ended.catch(failed);
    });
  });
  afterAll(async () => {
    end?.();
    await ended;
  });

  test("admits the CronJob and its pods under restricted Pod Security, without a warning", async () => {
    expect(await admissionProblems(api, manifests())).toEqual([]);
  });

  test("refuses and warns of what restricted Pod Security does not allow", async () => {
    const changed = manifests();
    const pod = changed.cronJob.spec.jobTemplate.spec.template.spec;
    Object.assign(pod, { hostNetwork: true });
    pod.containers[0]!.securityContext.capabilities.drop = [];
    const [warned, refused] = await admissionProblems(api, changed);
    expect(warned).toMatch(/^warning: would violate PodSecurity "restricted:latest": host namespaces/);
    expect(refused).toMatch(/^403: .* violates PodSecurity "restricted:latest": .*unrestricted capabilities/);
  });

  test("refuses a field that Kubernetes does not know", async () => {
    const changed = manifests();
    Object.assign(changed.cronJob.spec, { scheduel: "30 2 * * 0" });
    expect(await admissionProblems(api, changed)).toEqual([
      expect.stringContaining('unknown field "spec.scheduel"'),
    ]);
  });

  test("refuses a schedule that it cannot read", async () => {
    const changed = manifests();
    changed.cronJob.spec.schedule = "61 2 * * 0";
    const [refused] = await admissionProblems(api, changed);
    expect(refused).toMatch(/^422: .*spec\.schedule/);
  });
});
