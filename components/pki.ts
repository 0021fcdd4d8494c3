import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { balancerDnsName, clusterDomain, memberDnsName } from "../contract/addresses";
import type { ClusterSpec } from "../spec";
import { pkiSchema, type AuthorityKind } from "../spec/pki";

/** The users of etcd that hold a client certificate of their own. */
export const clientNames = ["apiserver", "backup", "defragmentation", "operator"] as const;
export type ClientName = (typeof clientNames)[number];

export interface EtcdPkiArgs extends Pick<ClusterSpec, "cluster" | "members" | "network" | "discovery"> {
  /** Which CAs are trusted and which one issues, and lifetimes. @default one CA a kind, as `etcd:pki` has it */
  pki?: ClusterSpec["pki"];
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

/** The CAs of one kind: what is trusted, as a bundle, and the one that issues. */
interface Authorities {
  bundle: pulumi.Output<string>;
  issuer: KeyPair;
}

/**
 * etcd's own PKI, separate from Kubernetes': a CA for peers and one for clients, ECDSA P-256, two of a kind while one is
 * rotated. Each member has a peer
 * and a server certificate, each user of etcd a client certificate. Client certificates carry no SANs, because etcd
 * checks those against the address that the client connects from.
 *
 * @example
 * const pki = new EtcdPki("prod", { cluster: "prod", members, network, discovery: "static" });
 */
export class EtcdPki extends pulumi.ComponentResource {
  /** What members trust for peers: a bundle, so that a CA can be rotated in steps. */
  readonly peerCaBundle: pulumi.Output<string>;
  /** What members trust for clients, and clients for members: also a bundle. */
  readonly clientCaBundle: pulumi.Output<string>;
  readonly members: Readonly<Record<string, { peer: KeyPair; server: KeyPair }>>;
  readonly clients: Readonly<Record<ClientName, KeyPair>>;
  private readonly pki: ClusterSpec["pki"];

  constructor(
    private readonly name: string,
    private readonly args: EtcdPkiArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const members = args.members.map((member) => member.name);
    super("etcd:index:EtcdPki", name, { cluster: args.cluster, members, clients: [...clientNames] }, opts);

    this.pki = args.pki ?? pkiSchema.parse(undefined);

    const [peers, users] = [this.authorities("peer"), this.authorities("client")];
    this.peerCaBundle = peers.bundle;
    this.clientCaBundle = users.bundle;

    // When DNS founds the cluster, etcd checks peers against the domain where it discovered them.
    const discoveryNames = args.discovery === "dns" ? [clusterDomain(args)] : [];
    this.members = Object.fromEntries(
      args.members.map((member) => {
        const dnsName = memberDnsName(args, member.name);
        const names = { commonName: member.name, ipAddresses: [member.address] };
        const peer = this.leaf(`${member.name}-peer`, peers.issuer, {
          ...names,
          uses: ["server_auth", "client_auth"],
          dnsNames: [dnsName, ...discoveryNames],
        });
        const server = this.leaf(`${member.name}-server`, users.issuer, {
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
        this.leaf(`client-${client}`, users.issuer, { commonName: `etcd-${client}`, uses: ["client_auth"] }),
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

  private authorities(kind: AuthorityKind): Authorities {
    const { trusted, issuer } = this.pki.authorities[kind];
    // By number, whatever their order in the settings: a bundle in another order is another file to members.
    const all = new Map(
      [...trusted].sort((a, b) => a - b).map((number) => [number, this.authority(kind, number)]),
    );
    const certs = [...all.values()].map(({ cert }) => cert);
    return { bundle: pulumi.all(certs).apply((each) => each.join("")), issuer: all.get(issuer)! };
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
        validityPeriodHours: this.pki.caValidity * 24,
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
        validityPeriodHours: this.pki.leafValidity * 24,
        earlyRenewalHours: this.pki.renewal * 24,
      },
      { parent: this },
    );
    return { cert: certificate.certPem, key: key.privateKeyPem };
  }
}
