import { gzipSync } from "node:zlib";
import { configured, mime } from "../../fixtures/userData";
import type { Declared } from "../declared";
import type { Break } from "./break";

// No key: what stands between the lines is none.
const key = "-----BEGIN EC PRIVATE KEY-----\nbm8ga2V5\n-----END EC PRIVATE KEY-----\n";
const gzipped = (text: string) => gzipSync(text).toString("base64");

/** Breaks of what user data says: etcd's flags, and secrets. */
export const userData: Break[] = [
  {
    title: "clients without a certificate are let in",
    apply: (declared) => flag(declared, "--client-cert-auth=true", "--client-cert-auth=false"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "a server certificate that etcd makes itself",
    apply: (declared) => flag(declared, "--auto-tls=false", "--auto-tls=true"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "plain http for clients",
    apply: (declared) => flag(declared, /--listen-client-urls=https/, "--listen-client-urls=http"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "peers without a certificate, in compressed user data",
    apply: (declared) =>
      edit(declared, (text) =>
        gzipped(text.replace("--peer-client-cert-auth=true", "--peer-client-cert-auth=false")),
      ),
    foundBy: ["etcd-tls-peer-auth"],
  },
  {
    title: "no CA for peers",
    apply: (declared) => flag(declared, /--peer-trusted-ca-file=.*/, ""),
    foundBy: ["etcd-tls-peer-auth"],
  },
  {
    title: "one CA for clients and peers",
    apply: (declared) =>
      flag(declared, /--peer-trusted-ca-file=.*/, "--peer-trusted-ca-file=/etc/etcd/pki/client-ca.crt"),
    foundBy: ["etcd-unique-ca"],
  },
  {
    title: "Kubernetes' CA for etcd's clients, by the environment",
    apply: (declared) =>
      edit(declared, (text) => {
        const without = text.replace(/--trusted-ca-file=.*/, "");
        return `${without}\nETCD_TRUSTED_CA_FILE=/etc/kubernetes/pki/ca.crt\n`;
      }),
    foundBy: ["etcd-unique-ca"],
  },
  {
    title: "clients without a certificate, with one dash",
    apply: (declared) => flag(declared, "--client-cert-auth=true", "-client-cert-auth=false"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "a certificate demanded in a comment alone",
    apply: (declared) => flag(declared, "--client-cert-auth=true", "\n      # --client-cert-auth=true"),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "plain http for peers, in a configuration file",
    apply: (declared) => edit(declared, () => configured.replaceAll("https:", "http:")),
    foundBy: ["etcd-tls-client-auth", "etcd-tls-peer-auth"],
  },
  {
    title: "a private key in a MIME part in base64",
    apply: (declared) => edit(declared, (text) => mime(text, `#!/bin/bash\n${key}`)),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "a private key in a compressed file of cloud-config",
    apply: (declared) =>
      edit(declared, (text) =>
        mime(
          text,
          `#cloud-config\nwrite_files:\n- path: /k\n  encoding: gz+b64\n  content: ${gzipped(key)}\n`,
        ),
      ),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "etcd without a checksum",
    apply: (declared) => edit(declared, withoutChecksum),
    foundBy: ["etcd-pinned-binaries"],
  },
  {
    title: "etcd without a checksum on every machine, in compressed user data",
    apply: (declared) => declared.editUserData(/./, (text) => gzipped(withoutChecksum(text))),
    foundBy: ["etcd-pinned-binaries"],
  },
  {
    title: "a private key in user data",
    apply: (declared) => edit(declared, (text) => `${text}\n${key}`),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "a private key in base64 in user data",
    apply: (declared) => edit(declared, (text) => `${text}  - echo ${Buffer.from(key).toString("base64")}\n`),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "an AWS access key in user data",
    // AWS' own example of one.
    apply: (declared) => edit(declared, (text) => `${text}\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n`),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "a private key in a program",
    apply: (declared) => declared.editPrograms((files) => (files[0]!.content += key)),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "an AWS access key in a unit",
    apply: (declared) =>
      declared.editPrograms((files) => (files.at(-1)!.content += "Environment=A=AKIAIOSFODNN7EXAMPLE\n")),
    foundBy: ["etcd-no-secrets-in-user-data"],
  },
  {
    title: "a program that lets clients in without a certificate",
    apply: (declared) =>
      declared.editPrograms((files) => {
        const run = files.find(({ path }) => path === "run")!;
        run.content = run.content.replace('"${flags[@]}"', '"${flags[@]}" --client-cert-auth=false');
      }),
    foundBy: ["etcd-tls-client-auth"],
  },
  {
    title: "certificates for ten years",
    apply: (declared) =>
      declared.edit("tls:index/locallySignedCert:LocallySignedCert", /member1-server/, (inputs) => {
        inputs.validityPeriodHours = 87_600;
      }),
    foundBy: ["etcd-certificate-lifetime"],
  },
  {
    title: "certificates that are renewed after their end",
    apply: (declared) =>
      declared.edit("tls:index/locallySignedCert:LocallySignedCert", /member1-server/, (inputs) => {
        delete inputs.earlyRenewalHours;
      }),
    foundBy: ["etcd-certificate-lifetime"],
  },
];

function withoutChecksum(text: string): string {
  return text.replace(/"checksums": \{[^}]*\}/, '"checksums": {}');
}

function flag(declared: Declared, from: string | RegExp, to: string): void {
  edit(declared, (text) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`no ${String(from)} in user data`);
    return changed;
  });
}

function edit(declared: Declared, change: (text: string) => string): void {
  declared.editUserData(/member2$/, change);
}
