import * as pulumi from "@pulumi/pulumi";
import {
  ApiServerEtcdConfig,
  EtcdCluster,
  EtcdEncryption,
  EtcdNetwork,
  EtcdPki,
  validCluster,
} from "etcd-kubernetes";

const config = new pulumi.Config();

// The same declaration as a stack file's, here from code: three members for a staging environment.
const spec = validCluster({
  cluster: "staging",
  environment: "testing",
  version: "3.6.16",
  members: ["a", "b", "c"].map((subnet, index) => ({
    name: `member${index + 1}`,
    subnet,
    address: `10.1.${index + 1}.11`,
  })),
  size: "small",
  machine: { image: "ami-0123456789abcdef0" },
  network: {
    vpc: config.require("vpc"),
    subnets: {
      a: { id: "subnet-0123456789abcdefa", zone: "eu-central-1a", range: "10.1.1.0/24" },
      b: { id: "subnet-0123456789abcdefb", zone: "eu-central-1b", range: "10.1.2.0/24" },
      c: { id: "subnet-0123456789abcdefc", zone: "eu-central-1c", range: "10.1.3.0/24" },
    },
    privateZone: { id: "Z0123456789ABCDEFGHIJ", name: "etcd.internal" },
    apiServerSecurityGroups: ["sg-0123456789abcdef0"],
    outbound: "nat-0123456789abcdef0",
  },
});

const { keyArn } = new EtcdEncryption("staging", spec);
const pki = new EtcdPki("staging", spec);
const network = new EtcdNetwork("staging", { ...spec, balancer: false });
new EtcdCluster("staging", { spec, pki, keyArn, securityGroupId: network.memberGroupId });

export const apiServerFlags = new ApiServerEtcdConfig("staging", { spec, pki, keyArn }).flags;
