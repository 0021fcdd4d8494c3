import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import {
  EtcdBackups,
  EtcdCluster,
  EtcdEncryption,
  EtcdNetwork,
  EtcdPki,
  validCluster,
} from "../../components";

const { config } = parse(readFileSync(join(__dirname, "..", "..", "Pulumi.prod.yaml"), "utf8")) as {
  config: Record<string, unknown>;
};
const settings = Object.entries(config).filter(([key]) => key.startsWith("etcd:"));
const declaration = Object.fromEntries(settings.map(([key, value]) => [key.slice("etcd:".length), value]));

for (let index = 0; index < new pulumi.Config().requireNumber("count"); index++) {
  const name = `prod${index}`;
  const spec = validCluster({ ...declaration, cluster: name } as Parameters<typeof validCluster>[0]);
  const { keyArn } = new EtcdEncryption(name, spec);
  const pki = new EtcdPki(name, spec);
  const network = new EtcdNetwork(name, { ...spec, balancer: false });
  new EtcdCluster(name, { spec, pki, keyArn, securityGroupId: network.memberGroupId });
  new EtcdBackups(name, { ...spec, keyArn });
}
