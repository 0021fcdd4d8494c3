import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { balancerDnsName, clusterDomain, memberDnsName } from "../contract/addresses";
import type { ClusterSpec } from "../spec";

/** The users of etcd that hold a client certificate of their own. */
export const clientNames = ["apiserver", "backup", "defragmentation", "operator"] as const;
export type ClientName = (typeof clientNames)[number];

export interface EtcdPkiArgs extends Pick<ClusterSpec, "cluster" | "members" | "network" | "discovery"> {
  /** Hours that the two CAs are valid. @default 87600, ten years */
  caValidityHours?: number;
  /** Hours that the certificates of members and clients are valid. @default 8760, one year */
  leafValidityHours?: number;
  /**
   * How many hours before its end a certificate is renewed, by the next `pulumi up` in that time. Pipelines need a
   * schedule for it. @default 1440, sixty days
   */
  earlyRenewalHours?: number;
}

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

/**
 * etcd's own PKI, separate from Kubernetes': a CA for peers and one for clients, ECDSA P-256. Each member has a peer
 * and a server certificate, each user of etcd a client certificate. Client certificates carry no SANs, because etcd
 * checks those against the address that the client connects from.
 *
 * @example
 * const pki = new EtcdPki("prod", { cluster: "prod", members, network, discovery: "static" });
 */
export class EtcdPki extends pulumi.ComponentResource {
  /** What members trust for peers: a bundle, so that a CA can be rotated in rolling steps. */
  readonly peerCaBundle: pulumi.Output<string>;
  /** What members trust for clients, and clients for members: also a bundle. */
  readonly clientCaBundle: pulumi.Output<string>;
  readonly members: Readonly<Record<string, { peer: KeyPair; server: KeyPair }>>;
  readonly clients: Readonly<Record<ClientName, KeyPair>>;

  constructor(
    private readonly name: string,
    private readonly args: EtcdPkiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const members = args.members.map((member) => member.name);
    super("etcd:index:EtcdPki", name, { cluster: args.cluster, members, clients: [...clientNames] }, opts);

    const peerCa = this.authority("peer");
    const clientCa = this.authority("client");
    this.peerCaBundle = peerCa.cert;
    this.clientCaBundle = clientCa.cert;

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

  private authority(kind: "peer" | "client"): KeyPair {
    const key = this.privateKey(`${kind}-ca`);
    const certificate = new tls.SelfSignedCert(
      `${this.name}-${kind}-ca`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: `etcd ${kind} CA`, organization: this.args.cluster },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        setSubjectKeyId: true,
        setAuthorityKeyId: true,
        validityPeriodHours: this.args.caValidityHours ?? 87_600,
      },
      { parent: this },
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
        validityPeriodHours: this.args.leafValidityHours ?? 8760,
        earlyRenewalHours: this.args.earlyRenewalHours ?? 1440,
      },
      { parent: this },
    );
    return { cert: certificate.certPem, key: key.privateKeyPem };
  }
}
