import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";
import { apiServerFiles, apiServerFlags } from "../../kubernetes/apiServer";
import { architecture } from "../../tools/tool";
import { foreignIdentity } from "../../rehearse/foreign";
import { kubeconfig, ownFiles, ownFlags } from "./kubeApiserver";
import type { Machine } from "./machine";
import { run } from "../../tools/run";
import { worldDirectory } from "./space";
import type { World } from "./world";

/** Where the machine has its programs, by name. */
const programs = "/usr/local/bin";
const pki = "/etc/kubernetes/pki";
const etcdPki = `${pki}/etcd`;
const manifests = "/etc/kubernetes/manifests";
const image = "localhost/busybox:1";
/** Where an operator's commands start on the machine: a directory from outside. */
const home = "/root/work";

export interface ControlPlaneSetup {
  /** Absolute paths: containerd and its parts, crictl, kubelet, etcd, kube-apiserver, kube-controller-manager. */
  programs: readonly string[];
  /** The directory where an operator's commands start, both outside and on the machine. */
  work: string;
}

/**
 * Boots a control plane's machine as kubeadm leaves it, on the API servers' host: containerd, a kubelet without a node,
 * and static pods with an etcd of its own, kube-apiserver and kube-controller-manager. All of them are real; what a
 * container's image would hold is mounted from the machine instead.
 */
export async function bootControlPlane(world: World, setup: ControlPlaneSetup): Promise<Machine> {
  const old = await foreignIdentity();
  const files: Record<string, string | Buffer> = {
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/cloud/cloud-init.disabled": "",
    "etc/crictl.yaml": `runtime-endpoint: ${socket}\n`,
    "etc/containerd/config.toml": containerdConfig,
    "usr/local/lib/runc-without-limits": runcWithoutLimits,
    "var/lib/kubelet/config.yaml": stringify(kubeletConfig),
    "opt/image.tar": await imageArchive(world.image),
    "etc/kubernetes/controller-manager.conf": kubeconfig,
    [apiServerFiles.ca]: old.caCert,
    [apiServerFiles.cert]: old.cert,
    [apiServerFiles.key]: old.key,
    [`${etcdPki}/server.crt`]: old.cert,
    [`${etcdPki}/server.key`]: old.key,
    ...Object.fromEntries(Object.entries(ownFiles()).map(([name, text]) => [`${pki}/${name}`, text])),
    ...Object.fromEntries(pods().map((pod) => [`${manifests}/${pod.metadata.name}.yaml`, stringify(pod)])),
    ...Object.fromEntries(Object.entries(units).map(([name, text]) => [`etc/systemd/system/${name}`, text])),
    "etc/systemd/system/multi-user.target.d/control-plane.conf":
      "[Unit]\nWants=containerd.service kubelet.service\n",
  };
  const binds = setup.programs.map((path) => `--bind-ro=${path}:${join(programs, basename(path))}`);
  // The kernel's messages do not belong to the machine; runc uses bpf to say which devices a container has.
  const options = ["--bind=/dev/null:/dev/kmsg", "--system-call-filter=bpf", ...binds];
  return world.bootApiServerHost({ files, home, options: [...options, `--bind=${setup.work}:${home}`] });
}

/** Replaces kube-apiserver's flags for etcd, in the manifest of a stopped one. */
export function exchangeEtcdFlags(machine: Machine, flags: readonly string[]): void {
  const manifest = machine.path("/etc/kubernetes/kube-apiserver.yaml");
  const pod = parse(readFileSync(manifest, "utf8")) as ReturnType<typeof staticPod>;
  const [container] = pod.spec.containers as [(typeof pod.spec.containers)[0]];
  container.command = [...container.command.filter((flag) => !flag.startsWith("--etcd-")), ...flags];
  writeFileSync(manifest, stringify(pod));
}

const socket = "unix:///run/containerd/containerd.sock";

/** Images are never pulled, and control groups here may lack controllers. */
const containerdConfig = `version = 3
[plugins.'io.containerd.cri.v1.images']
snapshotter = "native"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${image}"
[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = "/usr/local/lib/runc-without-limits"
NoNewKeyring = true
`;

const runcWithoutLimits = `#!/bin/sh -eu
last=
for argument; do
  if [ "$last" = --bundle ]; then
    jq 'del(.linux.resources)' "$argument/config.json" >"$argument/unlimited"
    mv "$argument/unlimited" "$argument/config.json"
  fi
  last=$argument
done
exec runc "$@"
`;

const kubeletConfig = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  staticPodPath: manifests,
  containerRuntimeEndpoint: socket,
  // Without a node there is nobody to serve.
  enableServer: false,
  authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
  // The same as for runc.
  cgroupsPerQOS: false,
  enforceNodeAllocatable: [],
  localStorageCapacityIsolation: false,
  makeIPTablesUtilChains: false,
  failSwapOn: false,
};

/** A kubelet sets three of the kernel's own settings: here it gets files instead. */
const units = {
  "containerd.service": `[Service]
Type=notify
Delegate=yes
KillMode=process
ExecStart=${programs}/containerd
ExecStartPost=${programs}/ctr --namespace k8s.io images import /opt/image.tar
`,
  "kubelet.service": `[Unit]
After=containerd.service
[Service]
Restart=always
ExecStartPre=+/bin/sh -euc 'for each in vm/overcommit_memory kernel/panic kernel/panic_on_oops; do \\
  own=/run/sysctl/$$each; [ ! -e $$own ] || continue; \\
  mkdir -p $\${own%%/*}; cat /proc/sys/$$each >$$own; mount --bind $$own /proc/sys/$$each; done'
ExecStart=${programs}/kubelet --config=/var/lib/kubelet/config.yaml --hostname-override=control-plane
`,
};

function pods() {
  const etcd = [
    ...["--data-dir=/var/lib/etcd", "--listen-client-urls=https://127.0.0.1:2379"],
    ...["--advertise-client-urls=https://127.0.0.1:2379", "--client-cert-auth"],
    ...[`--trusted-ca-file=${etcdPki}/ca.crt`, `--cert-file=${etcdPki}/server.crt`],
    `--key-file=${etcdPki}/server.key`,
  ];
  const controllers = [
    ...["--kubeconfig=/etc/kubernetes/controller-manager.conf", "--bind-address=127.0.0.1"],
    `--service-account-private-key-file=${pki}/sa.key`,
  ];
  return [
    staticPod("etcd", etcd),
    staticPod("kube-apiserver", [...apiServerFlags(["https://127.0.0.1:2379"]), ...ownFlags(pki)]),
    staticPod("kube-controller-manager", controllers),
  ];
}

/** A static pod as kubeadm writes it: on the machine's network, with its directories. */
function staticPod(name: string, flags: readonly string[]) {
  const directories = [programs, "/etc/kubernetes", "/var/lib/etcd"];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "kube-system" },
    spec: {
      hostNetwork: true,
      containers: [
        {
          name,
          image,
          imagePullPolicy: "Never",
          command: [`${programs}/${name}`, ...flags],
          volumeMounts: directories.map((mountPath, index) => ({ name: `d${index}`, mountPath })),
        },
      ],
      volumes: directories.map((path, index) => ({
        name: `d${index}`,
        hostPath: { path, type: "DirectoryOrCreate" },
      })),
    },
  };
}

/** An image with only busybox, in the format of `docker save`. */
async function imageArchive(root: string): Promise<Buffer> {
  const directory = mkdtempSync(join(worldDirectory, "image-"));
  const tar = (archive: string, from: string, ...names: string[]) =>
    run("tar", ["--create", `--file=${join(directory, archive)}`, `--directory=${from}`, ...names]);
  await tar("layer.tar", join(root, "bin"), "busybox");
  const layer = createHash("sha256")
    .update(readFileSync(join(directory, "layer.tar")))
    .digest("hex");
  const config = {
    ...{ architecture: architecture(), os: "linux" },
    config: { Entrypoint: ["/busybox", "sleep", "2147483647"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [image], Layers: ["layer.tar"] }];
  writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  await tar("image.tar", directory, "manifest.json", "config.json", "layer.tar");
  return readFileSync(join(directory, "image.tar"));
}
