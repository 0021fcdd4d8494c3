import { stringify } from "yaml";
import type { ClusterSpec } from "../spec";
import { sizes } from "../spec/sizes";
import { clientEndpoints } from "../contract/addresses";

/** etcd-defrag (https://github.com/ahrtr/etcd-defrag), whose README lists its arguments. */
export const defragImage = "ghcr.io/ahrtr/etcd-defrag:v0.42.0";

/**
 * When to defragment a member. Defragmentation stops its reads and writes for as long as it takes, so do it only if
 * half of a store of some size is free pages.
 */
export const defragRule = "dbSizeFree > 0.5 * dbSize && dbSize > 100 * 1024 * 1024";

/** The CronJob's own namespace, so that restricted Pod Security applies there. */
export const defragNamespace = "etcd-defragmentation";

/** Keys of the Secret with the client certificate, as in type kubernetes.io/tls. */
export const defragSecretKeys = { ca: "ca.crt", cert: "tls.crt", key: "tls.key" } as const;

/** Where the container finds the Secret. */
const pkiDirectory = "/etc/etcd/pki";

/** ko's base image runs as this user, which nobody else uses. */
const nonroot = 65_532;

type DefragmentationSpec = Pick<
  ClusterSpec,
  "cluster" | "network" | "discovery" | "members" | "size" | "defragmentation"
>;

/** Name of the CronJob and of its Secret. */
export function defragName({ cluster }: Pick<ClusterSpec, "cluster">): string {
  return `etcd-${cluster}`;
}

/**
 * etcd-defrag's arguments: every member, one after the other, the leader last and after it has handed over. It stops
 * before the first if any member is unhealthy, and at the first that fails.
 */
export function defragArguments(spec: DefragmentationSpec): string[] {
  const endpoints = clientEndpoints({ ...spec, apiServer: { endpoints: "members" } });
  return [
    `--endpoints=${endpoints.join(",")}`,
    `--cacert=${pkiDirectory}/${defragSecretKeys.ca}`,
    `--cert=${pkiDirectory}/${defragSecretKeys.cert}`,
    `--key=${pkiDirectory}/${defragSecretKeys.key}`,
    `--defrag-rule=${defragRule}`,
    `--etcd-storage-quota-bytes=${sizes[spec.size].quotaBytes}`,
    "--move-leader",
    "--wait-between-defrags=1m",
    "--continue-on-error=false",
    // The API servers do the compaction.
    "--compaction=false",
    // A store at its quota takes longer than the default of 30 s.
    "--command-timeout=10m",
  ];
}

/** The namespace, which admits only what restricted Pod Security allows. */
export function defragNamespaceManifest() {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: defragNamespace,
      // Pod Security enforces on pods, and warns about everything with a pod template.
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    },
  } as const;
}

/** The CronJob, as Kubernetes takes it (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). */
export function defragCronJob(spec: DefragmentationSpec) {
  const { schedule, image } = spec.defragmentation!;
  const name = defragName(spec);
  const labels = { "app.kubernetes.io/name": "etcd-defrag", "app.kubernetes.io/instance": spec.cluster };
  return {
    apiVersion: "batch/v1" as const,
    kind: "CronJob" as const,
    metadata: { name, namespace: defragNamespace, labels },
    spec: {
      schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      // A run that is late by more than this is skipped: the rule finds the same next time.
      startingDeadlineSeconds: 600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        metadata: { labels },
        spec: {
          // Look at a failed defragmentation; do not repeat it.
          backoffLimit: 0,
          activeDeadlineSeconds: 7200,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: "Never",
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              // Members let in the machines of API servers.
              nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
              tolerations: [
                { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
              ],
              securityContext: {
                runAsNonRoot: true,
                runAsUser: nonroot,
                runAsGroup: nonroot,
                fsGroup: nonroot,
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers: [
                {
                  name: "etcd-defrag",
                  image: image ?? defragImage,
                  args: defragArguments(spec),
                  resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                  },
                  volumeMounts: [{ name: "pki", mountPath: pkiDirectory, readOnly: true }],
                },
              ],
              volumes: [{ name: "pki", secret: { secretName: name, defaultMode: 0o440 } }],
            },
          },
        },
      },
    },
  };
}

/** Namespace and CronJob as YAML, for `kubectl apply`. The Secret is not part of it: it holds a key. */
export function defragManifests(spec: DefragmentationSpec): string {
  return [defragNamespaceManifest(), defragCronJob(spec)]
    .map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}
