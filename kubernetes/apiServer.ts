import { stringify } from "yaml";

/** Where kube-apiserver's machines keep certificate and key: kubeadm's paths for an external etcd. */
export const apiServerFiles = {
  ca: "/etc/kubernetes/pki/etcd/ca.crt",
  cert: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
  key: "/etc/kubernetes/pki/apiserver-etcd-client.key",
} as const;

/**
 * kube-apiserver's flags for etcd
 * (https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/#securing-etcd-clusters).
 * @param endpoints client URLs, https
 */
export function apiServerFlags(endpoints: readonly string[]): string[] {
  return [
    `--etcd-servers=${endpoints.join(",")}`,
    `--etcd-cafile=${apiServerFiles.ca}`,
    `--etcd-certfile=${apiServerFiles.cert}`,
    `--etcd-keyfile=${apiServerFiles.key}`,
  ];
}

/** The same flags for kubeadm: the part of its `ClusterConfiguration` (v1beta4) that names an external etcd. */
export function kubeadmClusterConfiguration(endpoints: readonly string[]): string {
  return stringify({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "ClusterConfiguration",
    etcd: {
      external: {
        endpoints,
        caFile: apiServerFiles.ca,
        certFile: apiServerFiles.cert,
        keyFile: apiServerFiles.key,
      },
    },
  });
}

/**
 * The same flags for a static pod: an RFC 6902 patch that appends them to the first container, in kubeadm's form
 * (`kube-apiserver+json.yaml` in its patches directory). It is for a manifest without flags for etcd. The pod must
 * mount /etc/kubernetes/pki, as kubeadm's does.
 */
export function staticPodPatch(endpoints: readonly string[]): string {
  return stringify(
    apiServerFlags(endpoints).map((value) => ({ op: "add", path: "/spec/containers/0/command/-", value })),
    { lineWidth: 0 },
  );
}
