import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { script } from "../tools/fakeEtcd";
import { Provider } from "./provider";

// A script stands in for kubectl: the drill control-plane has the real one apply to a real kube-apiserver.
const cronJob = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "defrag", namespace: "etcd" } };
const type = "kubernetes:batch/v1:CronJob";
const originalPath = process.env.PATH;

let home: string;
let provider: Provider;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "stand-in-"));
  process.env.PATH = [home, originalPath].join(delimiter);
  kubectl("exit 0");
  provider = await Provider.start("kubernetes", home);
});
afterEach(async () => {
  process.env.PATH = originalPath;
  await provider.abandon();
  rmSync(home, { recursive: true });
});

test("applies an object to the cluster of the kubeconfig, a preview does not", async () => {
  expect(await provider.version()).toBe("4.34.2");
  await provider.create(type, "defrag", cronJob, true);
  expect(called()).toBe("");
  const { id, outputs } = await provider.create(type, "defrag", cronJob);
  expect(outputs).toEqual(cronJob);
  expect(called()).toBe(
    "--kubeconfig /own apply --server-side --field-manager=pulumi-kubernetes --filename=-\n" +
      `${JSON.stringify(cronJob)}\n`,
  );
  await provider.delete(type, id);
  expect(called()).toMatch(/--kubeconfig \/own delete CronJob defrag --ignore-not-found --namespace=etcd\n$/);
});

test("a changed object is applied in its place", async () => {
  const changed = { ...cronJob, spec: { schedule: "30 2 * * 0" } };
  expect(await provider.diff(type, cronJob, cronJob)).toEqual({
    changes: "none",
    replaces: [],
    deletesFirst: false,
  });
  expect(await provider.diff(type, cronJob, changed)).toEqual({
    changes: "some",
    replaces: [],
    deletesFirst: false,
  });
  await provider.update(type, "CronJob/etcd/defrag", cronJob, changed);
  expect(called()).toContain('"schedule":"30 2 * * 0"');
});

test("fails with what kubectl says", async () => {
  kubectl("echo 'Error from server (Forbidden): no' >&2; exit 1");
  await expect(provider.create(type, "defrag", cronJob)).rejects.toThrow("Error from server (Forbidden): no");
});

function kubectl(then: string): void {
  writeFileSync(join(home, "calls"), "");
  script(join(home, "kubectl"), `{ echo "$@"; cat; echo; } | sed '/^$/d' >>${join(home, "calls")}; ${then}`);
}

function called(): string {
  return readFileSync(join(home, "calls"), "utf8");
}
