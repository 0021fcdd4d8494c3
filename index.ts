import {
  ApiServerEtcdConfig,
  EtcdAlarms,
  EtcdBackups,
  EtcdCluster,
  EtcdDefragmentation,
  EtcdDiscovery,
  EtcdEncryption,
  EtcdEndpoints,
  EtcdLoadBalancer,
  EtcdNetwork,
  EtcdPki,
  VolumeSnapshotSchedule,
} from "./components";
import { readSettings } from "./settings";

const spec = readSettings();
const name = spec.cluster;

// In production the balancer stands in both endpoint modes: its health checks are evidence of their own.
const balanced = spec.environment === "production" || spec.apiServer.endpoints === "loadBalancer";

const encryption = new EtcdEncryption(name, spec);
const { keyArn } = encryption;
const pki = new EtcdPki(name, spec);
const network = new EtcdNetwork(name, { ...spec, balancer: balanced });
const { memberGroupId } = network;
const bootsAfter = [
  ...(spec.network.outbound === "endpoints" ? [new EtcdEndpoints(name, { ...spec, memberGroupId })] : []),
  ...(spec.discovery === "dns" ? [new EtcdDiscovery(name, spec)] : []),
];
const store = new EtcdBackups(name, { ...spec, keyArn });
const cluster = new EtcdCluster(name, {
  ...{ spec, pki, keyArn, bootsAfter, balanced },
  securityGroupId: memberGroupId,
  backups: store,
});
const balancer = network.balancerGroupId
  ? new EtcdLoadBalancer(name, { ...spec, securityGroupId: network.balancerGroupId })
  : undefined;
const config = new ApiServerEtcdConfig(name, { spec, pki, keyArn });
new VolumeSnapshotSchedule(name, spec);
const defragmented = spec.defragmentation && new EtcdDefragmentation(name, { spec, pki, keyArn });
if (spec.alarms) {
  const instanceIds = cluster.members.map(({ instanceId }) => instanceId);
  new EtcdAlarms(name, { ...spec, ...spec.alarms, instanceIds, balancer });
}

/** The cluster's name and etcd version, and its members as they are reached. */
export const etcd = { cluster: spec.cluster, environment: spec.environment, version: spec.version };
export const members = cluster.members.map(({ dnsName, address, instanceId, volumeId }) => ({
  dnsName,
  address,
  instanceId,
  volumeId,
}));
// Outputs that are not there are null: of undefined ones Pulumi warns.
export const loadBalancer = balancer
  ? { dnsName: balancer.dnsName, targetGroupArn: balancer.targetGroupArn }
  : null;

/** What API servers run with; `files` says which SSM parameter goes to which path of their machines. */
export const apiServer = {
  endpoints: config.endpoints,
  flags: config.flags,
  kubeadm: config.kubeadm,
  staticPodPatch: config.staticPodPatch,
  files: config.files,
  kit: config.kit,
  policyArn: config.policyArn,
};
export const backups = { bucket: store.bucket };

/** What defragments from the Kubernetes cluster, where that is declared: see docs/operations/defragment.md. */
export const defragmentation = defragmented
  ? { manifests: defragmented.manifests, secret: defragmented.secret }
  : null;
