import { gzipSync } from "node:zlib";
import type { World } from "../world";
import type { Break } from "./break";

// No key: what stands between the lines is none.
const key = "-----BEGIN EC PRIVATE KEY-----\nbm8ga2V5\n-----END EC PRIVATE KEY-----\n";
const gzipped = (text: string) => gzipSync(text).toString("base64");

/** Breaks of what user data says: etcd's flags, and secrets. */
export const userData: Break[] = [
  {
    title: "clients without a certificate are let in",
    apply: (world) => flag(world, "--client-cert-auth=true", "--client-cert-auth=false"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "a server certificate that etcd makes itself",
    apply: (world) => flag(world, "--auto-tls=false", "--auto-tls=true"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "plain http for clients",
    apply: (world) => flag(world, /--listen-client-urls=https/, "--listen-client-urls=http"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "peers without a certificate, in compressed user data",
    apply: (world) =>
      edit(world, (text) =>
        gzipped(text.replace("--peer-client-cert-auth=true", "--peer-client-cert-auth=false")),
      ),
    foundBy: ["etcd-tls-peer-auth"],
  },
  {
    title: "no CA for peers",
    apply: (world) => flag(world, /--peer-trusted-ca-file=.*/, ""),
    foundBy: ["etcd-tls-peer-auth"],
  },
  {
    title: "one CA for clients and peers",
    apply: (world) =>
      flag(world, /--peer-trusted-ca-file=.*/, "--peer-trusted-ca-file=/etc/etcd/pki/client-ca.crt"),
    foundBy: ["etcd-unique-ca"],
  },
  {
    title: "Kubernetes' CA for etcd's clients, by the environment",
    apply: (world) =>
      edit(world, (text) => {
        const without = text.replace(/--trusted-ca-file=.*/, "");
        return `${without}\nETCD_TRUSTED_CA_FILE=/etc/kubernetes/pki/ca.crt\n`;
      }),
    foundBy: ["etcd-unique-ca"],
  },
  {
    title: "a private key in user data",
    apply: (world) => edit(world, (text) => `${text}\n${key}`),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "a private key in base64 in user data",
    apply: (world) => edit(world, (text) => `${text}  - echo ${Buffer.from(key).toString("base64")}\n`),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "an AWS access key in user data",
    // AWS' own example of one.
    apply: (world) => edit(world, (text) => `${text}\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n`),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "certificates for ten years",
    apply: (world) =>
      world.edit("tls:index/locallySignedCert:LocallySignedCert", /member1-server/, (inputs) => {
        inputs.validityPeriodHours = 87_600;
      }),
    foundBy: ["etcd-certificate-lifetime"],
  },
  {
    title: "certificates that are renewed after their end",
    apply: (world) =>
      world.edit("tls:index/locallySignedCert:LocallySignedCert", /member1-server/, (inputs) => {
        delete inputs.earlyRenewalHours;
      }),
    foundBy: ["etcd-certificate-lifetime"],
  },
];

function flag(world: World, from: string | RegExp, to: string): void {
  edit(world, (text) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`no ${String(from)} in user data`);
    return changed;
  });
}

function edit(world: World, change: (text: string) => string): void {
  world.editUserData(/member2$/, change);
}
