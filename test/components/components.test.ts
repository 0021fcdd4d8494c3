import * as components from "../../components";
import { allowedActions, type Statement } from "../../machine/allowedActions";
import type { ClusterDeclaration, ClusterSpec } from "../../spec";
import { declaration, specOf } from "../fixtures/declarations";
import { mockEngine, settled, valueOf, type MockedResource } from "../fixtures/mocks";

const ingressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egressRule = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

let made: MockedResource[];
let spec: ClusterSpec;

beforeEach(() => {
  // Warnings of the cluster, which mocks print.
  jest.spyOn(console, "warn").mockImplementation(() => undefined);
  made = mockEngine();
  spec = specOf(declaration("prod"));
});

function ofType(type: string): MockedResource[] {
  return made.filter((resource) => resource.type === type);
}

async function cluster(declared: ClusterDeclaration = spec, backedUp = false) {
  const pki = new components.EtcdPki("prod", spec);
  const keyArn = "arn:aws:kms:key";
  const backups = backedUp ? new components.EtcdBackups("prod", { ...spec, keyArn }) : undefined;
  const shared = { pki, keyArn, securityGroupId: "sg-members", backups };
  const made = new components.EtcdCluster("prod", { spec: declared, ...shared });
  await settled(pki, made);
}

describe("EtcdCluster", () => {
  test("refuses a version below what joins need, with the reason and before anything is made", () => {
    const pki = new components.EtcdPki("prod", spec);
    const before = made.length;
    const shared = { pki, keyArn: "arn:aws:kms:key", securityGroupId: "sg-members" };
    const declared = { ...spec, version: "3.5.31" };
    expect(() => new components.EtcdCluster("prod", { spec: declared, ...shared })).toThrow(
      /version: "3\.5\.31" is older than 3\.5\.32: older ones lose the learner flag/,
    );
    expect(made.slice(before).filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  });

  test("makes machines without public addresses, with IMDSv2 and encrypted disks", async () => {
    await cluster();
    const instances = ofType("aws:ec2/instance:Instance");
    expect(instances).toHaveLength(5);
    for (const { inputs } of instances) {
      expect(inputs.metadataOptions).toMatchObject({ httpTokens: "required" });
      expect(inputs.associatePublicIpAddress).toBeUndefined();
      expect(inputs.rootBlockDevice).toMatchObject({ encrypted: true, kmsKeyId: "arn:aws:kms:key" });
      expect(inputs.userDataReplaceOnChange).toBe(true);
    }
    expect(
      ofType("aws:ec2/networkInterface:NetworkInterface").map(({ inputs }) => inputs.privateIps),
    ).toEqual(spec.members.map(({ address }) => [address]));
    expect(
      ofType("aws:ec2/volumeAttachment:VolumeAttachment").every(({ inputs }) => inputs.skipDestroy === true),
    ).toBe(true);
  });

  test("gives each member its own secrets, under the cluster's key", async () => {
    await cluster();
    const secrets = ofType("aws:ssm/parameter:Parameter").filter(({ inputs }) =>
      String(inputs.name).includes("/pki/"),
    );
    expect(secrets).toHaveLength(5 * 6);
    expect(
      secrets.every(({ inputs }) => inputs.type === "SecureString" && inputs.keyId === "arn:aws:kms:key"),
    ).toBe(true);
  });

  test("lets a member read its own secrets and no other's, and grants no wildcard action", async () => {
    await cluster();
    for (const { name, inputs } of ofType("aws:iam/rolePolicy:RolePolicy")) {
      const member = name.slice("prod-".length);
      const { Statement: statements } = JSON.parse(String(inputs.policy)) as { Statement: Statement[] };
      expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
      const secrets = statements.find(({ Action }) => Action.includes("ssm:GetParametersByPath"))!;
      const own = `arn:aws:ssm:eu-central-1:123456789012:parameter/etcd/prod/pki/members/${member}`;
      expect(secrets.Resource).toEqual([own, `${own}/*`]);
      const decrypt = statements.find(({ Action }) => Action.includes("kms:Decrypt"))!;
      expect(decrypt).toMatchObject({
        Resource: ["arn:aws:kms:key"],
        Condition: { StringLike: { "kms:EncryptionContext:PARAMETER_ARN": `${own}/*` } },
      });
    }
  });

  const actions = (service: string) =>
    ofType("aws:iam/rolePolicy:RolePolicy").map(({ inputs }) =>
      (JSON.parse(String(inputs.policy)) as { Statement: Statement[] }).Statement.filter(({ Action }) =>
        Action.some((action) => action.startsWith(`${service}:`)),
      ),
    );

  test("lets a member add to its bucket and read it, delete nothing, and tells it the bucket's name", async () => {
    await cluster({ ...spec, restore: { snapshot: "s3://kops/main/etcd.db", generation: 2 } }, true);
    const bucket = "arn:aws:s3:::bucket of prod";
    for (const statements of actions("s3")) {
      expect(statements.map(({ Action, Resource }) => [Action.join(), Resource])).toEqual([
        [
          "s3:GetObject,s3:GetObjectVersion",
          [`${bucket}/snapshots/*`, `${bucket}/manifests/*`, "arn:aws:s3:::kops/main/etcd.db"],
        ],
        ["s3:PutObject", [`${bucket}/claims/*`, `${bucket}/snapshots/*`, `${bucket}/manifests/*`]],
        // Parts of a large one.
        ["s3:PutObject", [`${bucket}/snapshots/*`]],
        ["s3:ListBucket", [bucket]],
      ]);
    }
    const desired = ofType("aws:ssm/parameter:Parameter").find(({ name }) => name === "prod-desired")!;
    expect(JSON.parse((desired.inputs.value as { value: string }).value)).toMatchObject({
      backups: { interval: 30, bucket: "bucket of prod" },
      restore: { snapshot: "s3://kops/main/etcd.db", generation: 2, connectedClients: "refuse" },
    });
  });

  test("declares founders, snapshot and a nonce for its generation, where no role may write", async () => {
    const restore = { snapshot: "s3://kops/main/etcd.db", sha256: "0".repeat(64), generation: 2 };
    await cluster({ ...spec, restore });
    const founding = ofType("aws:ssm/parameter:Parameter").find(({ name }) => name === "prod-founding-2")!;
    expect(founding.inputs.name).toBe("/etcd/prod/founding/2");
    const { value } = founding.inputs.value as { value: string };
    const { generation, ...declared } = restore;
    expect(JSON.parse(value)).toEqual({
      version: 1,
      token: expect.stringMatching(`^prod-${generation}-[0-9a-f]{32}$`) as string,
      members: spec.members.map(({ name, address }) => ({ name, url: `https://${address}:2380` })),
      ...declared,
    });
    const writes = actions("ssm")
      .flat()
      .filter(({ Action }) => Action.includes("ssm:PutParameter"));
    expect(writes.flatMap(({ Resource }) => Resource).filter((each) => each.includes("founding"))).toEqual(
      [],
    );
  });

  test("without a bucket allows nothing in S3, and metrics in its own namespace alone", async () => {
    await cluster();
    expect(actions("s3").flat()).toEqual([]);
    for (const [statement, ...others] of actions("cloudwatch")) {
      expect(others).toEqual([]);
      expect(statement).toMatchObject({
        Action: ["cloudwatch:PutMetricData"],
        Condition: { StringEquals: { "cloudwatch:namespace": "etcd" } },
      });
    }
  });

  test("runs a member on the fallback type where it is asked to", async () => {
    const declared = declaration("prod");
    declared.members[2]!.fallback = true;
    await cluster(declared);
    expect(ofType("aws:ec2/instance:Instance").map(({ inputs }) => inputs.instanceType)).toEqual([
      "m7i.xlarge",
      "m7i.xlarge",
      "m6i.xlarge",
      "m7i.xlarge",
      "m7i.xlarge",
    ]);
  });
});

describe("EtcdPki", () => {
  test("gives clients no SANs and servers address, DNS name and the balancer's name, never loopback", async () => {
    const pki = new components.EtcdPki("prod", spec);
    await settled(pki);
    const request = (name: string) =>
      ofType("tls:index/certRequest:CertRequest").find((each) => each.name === name)!.inputs;
    for (const client of components.clientNames) {
      const { dnsNames, ipAddresses, uris } = request(`prod-client-${client}`);
      expect([dnsNames, ipAddresses, uris]).toEqual([undefined, undefined, undefined]);
    }
    expect(request("prod-member1-server")).toMatchObject({
      dnsNames: ["member1.prod.etcd.internal", "etcd.prod.etcd.internal"],
      ipAddresses: ["10.0.1.11"],
    });
    expect(request("prod-member1-peer")).toMatchObject({ dnsNames: ["member1.prod.etcd.internal"] });
  });

  test("adds the discovery domain to peers' certificates under dns", async () => {
    const pki = new components.EtcdPki("prod", { ...spec, discovery: "dns" });
    await settled(pki);
    const peer = ofType("tls:index/certRequest:CertRequest").find(
      ({ name }) => name === "prod-member1-peer",
    )!;
    expect(peer.inputs.dnsNames).toEqual(["member1.prod.etcd.internal", "prod.etcd.internal"]);
  });

  test("trusts two CAs of a kind in one order, and issues from the declared one", async () => {
    const client = { trusted: [2, 1], issuer: 2 };
    const { pki: declared } = specOf({ ...declaration("prod"), pki: { authorities: { client } } });
    const pki = new components.EtcdPki("prod", { ...spec, pki: declared });
    const bundles = await Promise.all([pki.peerCaBundle, pki.clientCaBundle].map(valueOf));
    await settled(pki);
    expect(bundles).toEqual([
      "certificate of prod-peer-ca",
      "certificate of prod-client-cacertificate of prod-client-ca-2",
    ]);
    const authorities = ofType("tls:index/selfSignedCert:SelfSignedCert").map(({ name, inputs }) => [
      name,
      (inputs.subject as { commonName: string }).commonName,
    ]);
    expect(authorities).toEqual([
      ["prod-peer-ca", "etcd peer CA"],
      ["prod-client-ca", "etcd client CA"],
      ["prod-client-ca-2", "etcd client CA 2"],
    ]);
    const signers = ofType("tls:index/locallySignedCert:LocallySignedCert")
      .filter(({ name }) => !name.endsWith("-peer"))
      .map(({ inputs }) => inputs.caCertPem);
    expect(new Set(signers)).toEqual(new Set(["certificate of prod-client-ca-2"]));
  });

  test("signs peers and clients by two CAs", async () => {
    const pki = new components.EtcdPki("prod", spec);
    await settled(pki);
    const signers = ofType("tls:index/locallySignedCert:LocallySignedCert").map(({ name, inputs }) => [
      name.includes("peer"),
      inputs.caCertPem,
    ]);
    for (const [peer, ca] of signers) expect(ca).toBe(`certificate of prod-${peer ? "peer" : "client"}-ca`);
  });
});

describe("EtcdNetwork", () => {
  test("opens etcd's ports by security-group reference alone, each to whom it is for", async () => {
    const network = new components.EtcdNetwork("prod", { ...spec, balancer: true });
    await settled(network);
    const rules = ofType(ingressRule).map(({ inputs }) => inputs);
    expect(
      rules.filter(({ cidrIpv4, cidrIpv6 }) => cidrIpv4 !== undefined || cidrIpv6 !== undefined),
    ).toEqual([]);
    const sources = (group: string, port: number) =>
      rules
        .filter(
          ({ securityGroupId, fromPort, toPort }) =>
            securityGroupId === group && fromPort === port && toPort === port,
        )
        .map(({ referencedSecurityGroupId }) => referencedSecurityGroupId)
        .sort();
    const members = "prod-members-id";
    const balancer = "prod-balancer-id";
    const [api, monitoring] = ["sg-0123456789abcdef0", "sg-0123456789abcdef1"];
    expect({
      client: sources(members, 2379),
      peer: sources(members, 2380),
      metrics: sources(members, 2381),
      balancer: sources(balancer, 2379),
    }).toEqual({
      client: [balancer, members, api],
      peer: [members],
      metrics: [balancer, monitoring],
      balancer: [api],
    });
    expect(rules).toHaveLength(7);
  });
});

test("a security group that leaves a list, joins it or moves in it touches no other's rules", async () => {
  const [one, two, three] = ["1", "2", "3"].map((end) => `sg-0123456789abcdef${end}`);
  const rules = async (groups: string[]) => {
    const before = made.length;
    const network = { ...spec.network, apiServerSecurityGroups: groups, monitoringSecurityGroups: groups };
    await settled(new components.EtcdNetwork("prod", { ...spec, network, balancer: true }));
    const own = made.slice(before).filter(({ type }) => type === ingressRule);
    return new Map(own.map(({ name, inputs }) => [name, inputs]));
  };
  const all = await rules([one!, two!, three!]);
  expect(await rules([three!, one!, two!])).toEqual(all);
  for (const [name, inputs] of await rules([two!, three!])) expect(inputs).toEqual(all.get(name));
});

describe("EtcdNetwork's way out", () => {
  const https = (outbound: string) => {
    const network = new components.EtcdNetwork("prod", {
      ...spec,
      network: { ...spec.network, outbound },
      balancer: false,
    });
    return settled(network).then(() =>
      ofType(egressRule).filter(({ inputs }) => Number(inputs.fromPort) === 443),
    );
  };

  test("is https to anywhere behind a NAT gateway", async () => {
    const rules = await https("nat-0123456789abcdef0");
    expect(rules.map(({ inputs }) => inputs.cidrIpv4)).toEqual(["0.0.0.0/0"]);
  });

  test("is opened to each range for each protocol, and a prefix list", async () => {
    const dnsServers = ["10.0.0.53"];
    const ways = { outbound: "existingEndpoints", s3PrefixList: "pl-01234567", dnsServers };
    const network = { ...spec.network, ...ways };
    await settled(new components.EtcdNetwork("prod", { ...spec, network, balancer: false }));
    const outside = ofType(egressRule).filter(({ inputs }) => !inputs.referencedSecurityGroupId);
    expect(
      outside.map(({ inputs: { cidrIpv4, prefixListId, ipProtocol, toPort } }) =>
        [ipProtocol, toPort, cidrIpv4 ?? prefixListId].join(" "),
      ),
    ).toEqual([
      ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(
        (range) => `tcp 443 ${range}`,
      ),
      "tcp 443 pl-01234567",
      "udp 53 10.0.0.53/32",
      "tcp 53 10.0.0.53/32",
    ]);
    expect(new Set(outside.map(({ name }) => name)).size).toBe(outside.length);
  });

  test("is left to the endpoints where those are declared", async () => {
    expect(await https("endpoints")).toEqual([]);
  });
});

describe("EtcdEndpoints", () => {
  const group = "prod-endpoints-id";

  async function endpoints(changed: Partial<ClusterSpec> = {}) {
    const args = { ...spec, ...changed, memberGroupId: "sg-members" };
    await settled(new components.EtcdEndpoints("prod", args));
    return ofType("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs);
  }

  test("stand for every service whose actions a machine may take, and S3, with private DNS", async () => {
    const made = await endpoints();
    const services = made.map(({ serviceName }) =>
      String(serviceName).replace("com.amazonaws.eu-central-1.", ""),
    );
    const scope = { parameterArnPrefix: "", cluster: "", member: "", keyArn: "" };
    const called = allowedActions(scope).flatMap(({ Action }) =>
      Action.map((action) => action.split(":")[0]!),
    );
    const endpoint = (prefix: string) => (prefix === "cloudwatch" ? "monitoring" : prefix);
    expect(services.sort()).toEqual([...new Set(["s3", ...called.map(endpoint)])].sort());
    expect(services).toEqual(expect.arrayContaining(["kms", "s3", "ssm", "ssmmessages"]));
    for (const inputs of made)
      expect(inputs).toMatchObject({
        vpcId: spec.network.vpc,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        securityGroupIds: [group],
      });
    // Without it AWS asks for a gateway endpoint as well.
    const s3 = made.find(({ serviceName }) => String(serviceName).endsWith(".s3"))!;
    expect(s3.dnsOptions).toEqual({ privateDnsOnlyForInboundResolverEndpoint: false });
  });

  test("stand in one subnet a zone, as AWS takes no second one there", async () => {
    const { subnets } = spec.network;
    const second = { id: "subnet-0123456789abcdefd", zone: subnets.a!.zone, range: "10.0.4.0/24" };
    const network = { ...spec.network, subnets: { aa: second, ...subnets } };
    const [first] = await endpoints({ network });
    expect(first!.subnetIds).toEqual([subnets.a!.id, subnets.b!.id, subnets.c!.id]);
    const [named] = (await endpoints({ network: { ...network, entrySubnets: ["aa"] } })).slice(-1);
    expect(named!.subnetIds).toEqual([second.id, subnets.b!.id, subnets.c!.id]);
  });

  test("are reached by members on 443, who reach nothing else outside the cluster", async () => {
    await endpoints();
    const [ingress, egress] = [ingressRule, egressRule].map((type) =>
      ofType(type).map(({ inputs }) => inputs),
    );
    for (const { ipProtocol, fromPort, toPort } of [...ingress!, ...egress!])
      expect([ipProtocol, fromPort, toPort]).toEqual(["tcp", 443, 443]);
    expect(egress).toEqual([
      expect.objectContaining({ securityGroupId: "sg-members", referencedSecurityGroupId: group }),
    ]);
    expect(ingress!.map(({ securityGroupId }) => securityGroupId)).toEqual(Array(5).fill(group));
    expect(
      ingress!.map(({ referencedSecurityGroupId, cidrIpv4 }) => referencedSecurityGroupId ?? cidrIpv4).sort(),
    ).toEqual(["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "sg-members"]);
  });
});

describe("EtcdDiscovery", () => {
  test("names every member for servers and for clients, as etcd asks for TLS", async () => {
    const three = spec.members.slice(0, 3);
    await settled(new components.EtcdDiscovery("prod", { ...spec, members: three }));
    const records = ofType("aws:route53/record:Record").map(({ inputs }) => inputs);
    const hosts = [1, 2, 3].map((number) => `member${number}.prod.etcd.internal`);
    const zone = { zoneId: spec.network.privateZone.id, type: "SRV" };
    expect(records).toEqual([
      expect.objectContaining({
        ...zone,
        name: "_etcd-server-ssl._tcp.prod.etcd.internal",
        records: hosts.map((host) => `0 0 2380 ${host}`),
      }),
      expect.objectContaining({
        ...zone,
        name: "_etcd-client-ssl._tcp.prod.etcd.internal",
        records: hosts.map((host) => `0 0 2379 ${host}`),
      }),
    ]);
  });
});

describe("EtcdAlarms", () => {
  const topicArn = "arn:aws:sns:eu-central-1:123456789012:etcd";

  async function alarms(balanced: boolean) {
    const balancer = balanced
      ? new components.EtcdLoadBalancer("prod", { ...spec, securityGroupId: "sg-balancer" })
      : undefined;
    const instanceIds = spec.members.map(({ name }) => `i-${name}`);
    await settled(new components.EtcdAlarms("prod", { ...spec, topicArn, instanceIds, balancer }));
    return ofType("aws:cloudwatch/metricAlarm:MetricAlarm");
  }

  const ofMembers = (each: MockedResource) => each.inputs.namespace === "etcd";

  test("tell the topic when they go off and when that is over", async () => {
    for (const { inputs } of await alarms(true))
      expect(inputs).toMatchObject({ alarmActions: [topicArn], okActions: [topicArn] });
  });

  test("of balancer and machines go off after three minutes", async () => {
    for (const { inputs } of (await alarms(true)).filter((each) => !ofMembers(each)))
      expect(inputs).toMatchObject({
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        period: 60,
        evaluationPeriods: 3,
        datapointsToAlarm: 3,
      });
  });

  test("watch what members say: a backup of two intervals' age or none told, a failure, three quarters of the quota", async () => {
    const said = (await alarms(false)).filter(ofMembers);
    expect(
      said.map(({ name, inputs }) => [name, inputs.metricName, inputs.threshold, inputs.treatMissingData]),
    ).toEqual([
      ["prod-backup-age", "BackupAge", 2 * 30 * 60, "breaching"],
      ["prod-backup-failed", "BackupFailures", 1, "notBreaching"],
      ["prod-quota", "QuotaShare", 75, "missing"],
    ]);
    for (const { inputs } of said)
      expect(inputs).toMatchObject({ dimensions: { Cluster: "prod" }, statistic: "Maximum", period: 300 });
  });

  test("watch the balancer's view of the members and each machine's status", async () => {
    const made = await alarms(true);
    const status = made.filter(({ name }) => name.endsWith("-status"));
    const unhealthy = made.find(({ name }) => name === "prod-unhealthy-members");
    expect(made.filter((each) => !ofMembers(each))).toHaveLength(status.length + 1);
    expect(unhealthy!.inputs).toMatchObject({
      namespace: "AWS/NetworkELB",
      metricName: "UnHealthyHostCount",
      statistic: "Maximum",
      dimensions: { LoadBalancer: "suffix of prod", TargetGroup: "suffix of prod" },
      treatMissingData: "breaching",
    });
    expect(status.map(({ name, inputs }) => [name, inputs.metricName, inputs.dimensions])).toEqual(
      spec.members.map(({ name }) => [
        `prod-${name}-status`,
        "StatusCheckFailed",
        { InstanceId: `i-${name}` },
      ]),
    );
    // A machine that is being replaced has no figure: that is no alarm.
    for (const { inputs } of status) expect(inputs.treatMissingData).toBe("missing");
  });

  test("watch machines alone where no balancer stands", async () => {
    expect((await alarms(false)).filter((each) => !ofMembers(each))).toHaveLength(spec.members.length);
  });
});

describe("EtcdLoadBalancer", () => {
  test("is internal, passes TCP through and asks etcd itself whether it is ready", async () => {
    const members = spec.members.map((member) => ({ ...member, subnet: "c" }));
    const args = { ...spec, members, securityGroupId: "sg-balancer" };
    await settled(new components.EtcdLoadBalancer("prod", args));
    expect(ofType("aws:lb/loadBalancer:LoadBalancer")[0]!.inputs).toMatchObject({
      internal: true,
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: true,
    });
    expect(ofType("aws:lb/targetGroup:TargetGroup")[0]!.inputs).toMatchObject({
      protocol: "TCP",
      targetType: "ip",
      healthCheck: { protocol: "HTTP", port: "2381", path: "/readyz", interval: 10, unhealthyThreshold: 2 },
    });
    // Its subnets are the network's, wherever members are: AWS makes a balancer anew that loses one.
    expect(ofType("aws:lb/loadBalancer:LoadBalancer")[0]!.inputs.subnets).toEqual(
      Object.values(spec.network.subnets).map(({ id }) => id),
    );
    const targets = ofType("aws:lb/targetGroupAttachment:TargetGroupAttachment").map(
      ({ inputs }) => inputs.targetId,
    );
    expect(targets).toEqual(spec.members.map(({ address }) => address));
  });
});

describe("VolumeSnapshotSchedule", () => {
  test("matches every data volume by its one target tag", async () => {
    const schedule = new components.VolumeSnapshotSchedule("prod", spec);
    await cluster();
    await settled(schedule);
    const { policyDetails } = ofType("aws:dlm/lifecyclePolicy:LifecyclePolicy")[0]!.inputs as {
      policyDetails: { targetTags: Record<string, string> };
    };
    const volumes = ofType("aws:ebs/volume:Volume").map(
      ({ inputs }) => inputs.tags as Record<string, string>,
    );
    expect(volumes).toHaveLength(5);
    const targets = Object.entries(policyDetails.targetTags);
    expect(targets).toHaveLength(1);
    for (const [key, value] of targets) expect(volumes.every((tags) => tags[key] === value)).toBe(true);
  });
});

describe("EtcdBackups", () => {
  test("keeps a bucket that is versioned, under the cluster's key, private and for TLS alone", async () => {
    const backups = new components.EtcdBackups("prod", { ...spec, keyArn: "arn:aws:kms:key" });
    await settled(backups);
    const inputs = (type: string) => made.find((resource) => resource.type.endsWith(`:${type}`))!.inputs;
    expect(inputs("BucketVersioning")).toMatchObject({ versioningConfiguration: { status: "Enabled" } });
    expect(inputs("BucketServerSideEncryptionConfiguration").rules).toEqual([
      expect.objectContaining({
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:aws:kms:key" },
      }),
    ]);
    expect(inputs("BucketPublicAccessBlock")).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const policy = JSON.parse(String(inputs("BucketPolicy").policy)) as { Statement: unknown[] };
    expect(policy.Statement).toEqual([
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      expect.objectContaining({ Effect: "Deny", Sid: "NothingOverwritten" }),
    ]);
  });
});
