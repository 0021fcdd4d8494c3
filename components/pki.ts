import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { authoritiesRecord } from "../contract/authorities";
import { authoritiesParameter } from "../contract/paths";
import { clusterTags } from "../contract/tags";
import { authoritiesGuard } from "../guard/authoritiesGuard";
import { balancerDnsName, clusterDomain, memberDnsName } from "../contract/addresses";
import type { ClusterSpec } from "../spec";
import type { AuthorityKind } from "../spec/pki";

/** The users of etcd that hold a client certificate of their own. */
export const clientNames = ["apiserver", "backup", "defragmentation", "operator"] as const;
export type ClientName = (typeof clientNames)[number];

export type EtcdPkiArgs = Pick<
  ClusterSpec,
  | "cluster"
  | "environment"
  | "tags"
  | "members"
  | "network"
  | "discovery"
  | "pki"
  | "deletionProtection"
  | "quorumGuard"
>;

/** A certificate and its private key, both PEM; the key is a Pulumi secret. */
export interface KeyPair {
  cert: pulumi.Output<string>;
  key: pulumi.Output<string>;
}

type Use = "server_auth" | "client_auth";

interface LeafArgs {
  commonName: string;
  uses: Use[];
  dnsNames?: string[];
  ipAddresses?: string[];
}

/** A CA with its number in the settings. */
interface Authority extends KeyPair {
  number: number;
}

/**
 * etcd's own PKI, separate from Kubernetes': a CA for peers and one for clients, ECDSA P-256, two of a kind while one is
 * rotated. Each member has a peer
 * and a server certificate, each user of etcd a client certificate. Client certificates carry no SANs, because etcd
 * checks those against the address that the client connects from.
 *
 * @example
 * const pki = new EtcdPki("prod", spec);
 */
export class EtcdPki extends pulumi.ComponentResource {
  /** What members trust for peers: a bundle, so that a CA can be rotated in steps. */
  readonly peerCaBundle: pulumi.Output<string>;
  /** What members trust for clients, and clients for members: also a bundle. */
  readonly clientCaBundle: pulumi.Output<string>;
  readonly members: Readonly<Record<string, { peer: KeyPair; server: KeyPair }>>;
  readonly clients: Readonly<Record<ClientName, KeyPair>>;
  /** The record of declared CAs. What holds certificates waits for it: its hook refuses a step that comes too early. */
  readonly authorities: aws.ssm.Parameter;

  constructor(
    private readonly name: string,
    private readonly args: EtcdPkiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const members = args.members.map((member) => member.name);
    super("etcd:index:EtcdPki", name, { cluster: args.cluster, members, clients: [...clientNames] }, opts);

    const trusted = { peer: this.trusted("peer"), client: this.trusted("client") };
    this.authorities = this.record(trusted);
    this.peerCaBundle = bundle(trusted.peer);
    this.clientCaBundle = bundle(trusted.client);
    const issuer = (kind: AuthorityKind) =>
      trusted[kind].find(({ number }) => number === args.pki.authorities[kind].issuer)!;
    const [peerCa, clientCa] = [issuer("peer"), issuer("client")];

    // When DNS founds the cluster, etcd checks peers against the domain where it discovered them.
    const discoveryNames = args.discovery === "dns" ? [clusterDomain(args)] : [];
    this.members = Object.fromEntries(
      args.members.map((member) => {
        const dnsName = memberDnsName(args, member.name);
        const names = { commonName: member.name, ipAddresses: [member.address] };
        const peer = this.leaf(`${member.name}-peer`, peerCa, {
          ...names,
          uses: ["server_auth", "client_auth"],
          dnsNames: [dnsName, ...discoveryNames],
        });
        const server = this.leaf(`${member.name}-server`, clientCa, {
          ...names,
          // etcd's own gateway connects to its server with this certificate.
          uses: ["server_auth", "client_auth"],
          dnsNames: [dnsName, balancerDnsName(args)],
        });
        return [member.name, { peer, server }];
      }),
    );

    this.clients = Object.fromEntries(
      clientNames.map((client) => [
        client,
        this.leaf(`client-${client}`, clientCa, { commonName: `etcd-${client}`, uses: ["client_auth"] }),
      ]),
    ) as Record<ClientName, KeyPair>;

    this.registerOutputs({ peerCaBundle: this.peerCaBundle, clientCaBundle: this.clientCaBundle });
  }

  private privateKey(name: string): tls.PrivateKey {
    return new tls.PrivateKey(
      `${this.name}-${name}`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
  }

  /** By number, whatever their order in the settings: a bundle in another order is another file to members. */
  private trusted(kind: AuthorityKind): Authority[] {
    return [...this.args.pki.authorities[kind].trusted]
      .sort((a, b) => a - b)
      .map((number) => ({ number, ...this.authority(kind, number) }));
  }

  private record(trusted: Readonly<Record<AuthorityKind, Authority[]>>): aws.ssm.Parameter {
    const { args } = this;
    const resource = `${this.name}-authorities`;
    const guard = authoritiesGuard({ resource, spec: args });
    const hashes = (kind: AuthorityKind) =>
      pulumi.all(trusted[kind].map(({ cert }) => cert.apply(fingerprint)));
    return new aws.ssm.Parameter(
      resource,
      {
        name: authoritiesParameter(args.cluster),
        type: aws.ssm.ParameterType.String,
        // No secret, so that the hook can read it.
        insecureValue: pulumi
          .all([hashes("peer"), hashes("client")])
          .apply(([peer, client]) =>
            JSON.stringify(authoritiesRecord(args.pki.authorities, { peer, client })),
          ),
        tags: clusterTags(args, `${args.cluster}-etcd`),
      },
      { parent: this, hooks: guard && { beforeCreate: [guard], beforeUpdate: [guard] } },
    );
  }

  private authority(kind: AuthorityKind, number: number): KeyPair {
    const name = number === 1 ? `${kind}-ca` : `${kind}-ca-${number}`;
    const key = this.privateKey(name);
    const certificate = new tls.SelfSignedCert(
      `${this.name}-${name}`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: {
          // Two CAs of one name could be told apart by their keys alone.
          commonName: number === 1 ? `etcd ${kind} CA` : `etcd ${kind} CA ${number}`,
          organization: this.args.cluster,
        },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        setSubjectKeyId: true,
        setAuthorityKeyId: true,
        validityPeriodHours: this.args.pki.caValidity * 24,
      },
      // Another lifetime would make its certificate anew, which no member trusts yet.
      { parent: this, ignoreChanges: ["validityPeriodHours"] },
    );
    return { cert: certificate.certPem, key: key.privateKeyPem };
  }

  private leaf(name: string, authority: KeyPair, leaf: LeafArgs): KeyPair {
    const key = this.privateKey(name);
    const request = new tls.CertRequest(
      `${this.name}-${name}`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: leaf.commonName, organization: this.args.cluster },
        dnsNames: leaf.dnsNames,
        ipAddresses: leaf.ipAddresses,
      },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      `${this.name}-${name}`,
      {
        certRequestPem: request.certRequestPem,
        caCertPem: authority.cert,
        caPrivateKeyPem: authority.key,
        allowedUses: ["digital_signature", ...leaf.uses],
        setSubjectKeyId: true,
        validityPeriodHours: this.args.pki.leafValidity * 24,
        earlyRenewalHours: this.args.pki.renewal * 24,
      },
      { parent: this, dependsOn: this.authorities },
    );
    return { cert: certificate.certPem, key: key.privateKeyPem };
  }
}

function bundle(authorities: readonly KeyPair[]): pulumi.Output<string> {
  return pulumi.all(authorities.map(({ cert }) => cert)).apply((certs) => certs.join(""));
}

/** SHA-256 of a certificate, as members report it. */
function fingerprint(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
  return createHash("sha256").update(der).digest("hex");
}
