import { spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, createServer } from "node:tls";
import { issue, issues, type IssuerOptions } from "../../record/issuer";
import { withOpenssl } from "../fixtures/openssl";
import { derLines } from "./der";
import { caInputs, leafInputs, newKey, p256, selfSigned, signedBy, types, type Made } from "./issued";

describe("a CA, a server and a client", () => {
  const atLoopback = { subject: { commonName: "server" }, ipAddresses: ["127.0.0.1"] };
  const aClient = { subject: { commonName: "client" } };
  let ca: Made;
  let server: Made;
  let client: Made;

  beforeAll(async () => {
    ca = await selfSigned(caInputs);
    server = await signedBy(ca, atLoopback, leafInputs("server_auth"));
    client = await signedBy(ca, aClient, leafInputs("client_auth"));
  });

  test("are a chain to Node", () => {
    const [issuer, leaf] = [new X509Certificate(ca.certPem), new X509Certificate(server.certPem)];
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(server.privateKeyPem))).toBe(true);
  });

  withOpenssl("are a chain to openssl, each for its purpose", () => {
    expect(opensslVerify(ca, server, "sslserver")).toContain("OK");
    expect(opensslVerify(ca, client, "sslclient")).toContain("OK");
    expect(opensslVerify(ca, client, "sslserver")).toContain("unsuitable certificate purpose");
  });

  test("shake hands over TLS", async () => {
    expect(await handshake(ca, server, client)).toBe("client");
  });

  test("shut out the client of another CA of the same name", async () => {
    const stranger = await signedBy(await selfSigned(caInputs), aClient, leafInputs("client_auth"));
    await expect(handshake(ca, server, stranger)).rejects.toThrow();
  });

  test("refuse a server whose lifetime is over", async () => {
    const now = () => new Date(Date.now() - 2 * 3_600_000);
    const expired = await signedBy(ca, atLoopback, leafInputs("server_auth"), { now });
    await expect(handshake(ca, expired, client)).rejects.toThrow("certificate has expired");
  });
});

test("extra addresses follow the request's, in leaves only and only where they are given", async () => {
  const asked: unknown[] = [];
  const extraAddresses: IssuerOptions["extraAddresses"] = ({ dnsNames, ipAddresses }) => {
    asked.push({ dnsNames, ipAddresses });
    return ipAddresses.includes("10.0.1.11") ? ["127.0.0.1"] : [];
  };
  const request = { dnsNames: ["member1.internal"], ipAddresses: ["10.0.1.11"] };
  const { subject, ...intermediate } = caInputs;
  const ca = await selfSigned(caInputs, { extraAddresses });
  const made = [
    await signedBy(ca, request, leafInputs("server_auth"), { extraAddresses }),
    await signedBy(ca, {}, leafInputs("client_auth"), { extraAddresses }),
    await signedBy(ca, { ...request, subject }, intermediate, { extraAddresses }),
    await signedBy(ca, request, leafInputs("server_auth")),
  ];
  expect(made.map(({ certPem }) => new X509Certificate(certPem).subjectAltName)).toEqual([
    "DNS:member1.internal, IP Address:10.0.1.11, IP Address:127.0.0.1",
    undefined,
    "DNS:member1.internal, IP Address:10.0.1.11",
    "DNS:member1.internal, IP Address:10.0.1.11",
  ]);
  expect(asked).toEqual([request, { dnsNames: [], ipAddresses: [] }]);
});

test.each([
  [10, 9, false],
  [10, 10, true],
  [0, 0, true],
])("valid for %d h and renewed %d h early, ready for renewal is %s", async (hours, early, ready) => {
  const lifetime = { validityPeriodHours: hours, earlyRenewalHours: early };
  const { outputs } = await selfSigned({ ...caInputs, ...lifetime });
  expect(outputs.readyForRenewal).toBe(ready);
});

test("a key comes in the provider's encodings, with its defaults and secrets", async () => {
  const { outputs, secretOutputs } = await issue(types.privateKey, p256);
  const { privateKeyPem, privateKeyPemPkcs8, publicKeyPem, ...rest } = outputs;
  expect(rest).toEqual({ ...p256, rsaBits: 2048 });
  expect(secretOutputs).toEqual(["privateKeyPem", "privateKeyPemPkcs8"]);

  const pems = [privateKeyPem, privateKeyPemPkcs8, publicKeyPem].map(String);
  expect(pems.map((pem) => /^-----BEGIN (.*)-----\n[^]*-----END \1-----\n$/.exec(pem)?.[1])).toEqual([
    "EC PRIVATE KEY",
    "PRIVATE KEY",
    "PUBLIC KEY",
  ]);
  const publicKeys = pems.map((pem) => createPublicKey(pem).export({ type: "spki", format: "pem" }));
  expect(new Set(publicKeys)).toEqual(new Set([publicKeyPem]));
});

test("requests and certificates come with the provider's defaults and secrets", async () => {
  const ca = await selfSigned(caInputs);
  const request = await issue(types.certRequest, { privateKeyPem: ca.privateKeyPem });
  const leaf = await signedBy(ca, {}, leafInputs());
  expect([ca, request, leaf].map(({ secretOutputs }) => secretOutputs)).toEqual([
    ["privateKeyPem"],
    ["privateKeyPem"],
    ["caPrivateKeyPem"],
  ]);
  expect(request.outputs).toMatchObject({ keyAlgorithm: "ECDSA", privateKeyPem: ca.privateKeyPem });
  expect(ca.outputs).toMatchObject({ setAuthorityKeyId: false, privateKeyPem: ca.privateKeyPem });
  expect(leaf.outputs).toMatchObject({
    isCaCertificate: false,
    setSubjectKeyId: false,
    earlyRenewalHours: 0,
    caPrivateKeyPem: ca.privateKeyPem,
  });
});

test.each([
  [{ algorithm: "ECDSA", ecdsaCurve: "P384" }, "1.2.840.10045.4.3.3"],
  [{ algorithm: "ECDSA", ecdsaCurve: "P521" }, "1.2.840.10045.4.3.4"],
  [{ algorithm: "RSA", rsaBits: 3072 }, "1.2.840.113549.1.1.11"],
])("a CA whose key is %j signs", async (key, signature) => {
  const ca = await selfSigned(caInputs, {}, key);
  const leaf = await signedBy(ca, {}, leafInputs());
  expect(ca.outputs.keyAlgorithm).toBe(key.algorithm);
  expect(leaf.outputs.caKeyAlgorithm).toBe(key.algorithm);
  expect(new X509Certificate(leaf.certPem).verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  expect(derLines(leaf.certPem)).toContain(`    OBJECT IDENTIFIER ${signature}`);
});

test("a path length is written into a CA from 1 up", async () => {
  const limited = [-1, 0, 1].map(async (maxPathLength) => {
    const { certPem } = await selfSigned({ ...caInputs, maxPathLength });
    return derLines(certPem).some((line) => line.endsWith("INTEGER 01"));
  });
  expect(await Promise.all(limited)).toEqual([false, false, true]);
});

test("a subject's parts come in Go's order, as UTF8String where PrintableString does not do", async () => {
  const subject = {
    commonName: "Rätin #1",
    country: "CH",
    locality: "Zürich",
    organization: "A&B",
    organizationalUnit: "etcd",
    postalCode: "8001",
    province: "ZH",
    serialNumber: "42",
    streetAddresses: ["Rennweg 1"],
  };
  const { certPem } = await selfSigned({ ...caInputs, subject });
  const parts = derLines(certPem).flatMap((line) => /(?:UTF8|Printable)String .*/.exec(line)?.[0] ?? []);
  expect(parts.slice(parts.length / 2)).toEqual([
    "PrintableString CH",
    "PrintableString ZH",
    "UTF8String Zürich",
    "PrintableString Rennweg 1",
    "PrintableString 8001",
    "UTF8String A&B",
    "PrintableString etcd",
    "UTF8String Rätin #1",
    "PrintableString 42",
  ]);
});

describe("refused, naming the input:", () => {
  test.each([
    ["algorithm: ED25519", { algorithm: "ED25519" }],
    ["ecdsaCurve: P224", { algorithm: "ECDSA" }],
    ["rsaBits", { algorithm: "RSA", rsaBits: 1024 }],
  ])("%s of a key", async (error, inputs) => {
    await expect(issue(types.privateKey, inputs)).rejects.toThrow(error);
  });

  test.each([
    ["allowedUses: 1: flying", { allowedUses: ["cert_signing", "flying"] }],
    ["ipAddresses: 0: 10.0.1", { ipAddresses: ["10.0.1"] }],
    ['subject: Unrecognized key: "emailAddress"', { subject: { emailAddress: "a@b.ch" } }],
    ["isCaCertificate: true", { subject: {} }],
    ["maxPathLength: 2", { isCaCertificate: false, maxPathLength: 2 }],
    ["setAuthorityKeyId: true", { isCaCertificate: false, setAuthorityKeyId: true }],
  ])("%s of a certificate", async (error, inputs) => {
    await expect(selfSigned({ ...caInputs, ...inputs })).rejects.toThrow(error);
  });

  test("PEM that is none, without telling it", async () => {
    const refused = issue(types.certRequest, { privateKeyPem: "a secret" });
    await expect(refused).rejects.toThrow("privateKeyPem: not the PEM that is expected here");
    await expect(refused).rejects.not.toThrow("a secret");
  });

  test("a CA's key that is not the certificate's", async () => {
    const ca = { ...(await selfSigned(caInputs)), privateKeyPem: await newKey() };
    await expect(signedBy(ca, {}, leafInputs())).rejects.toThrow("caPrivateKeyPem: not the key of caCertPem");
  });

  test("a kind of key that is not issued here", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const privateKeyPem = privateKey.export({ type: "pkcs8", format: "pem" });
    await expect(issue(types.certRequest, { privateKeyPem })).rejects.toThrow("privateKeyPem: ed25519");
  });
});

test("other types are not issued", async () => {
  const names = [...Object.values(types), "aws:ec2/instance:Instance", "toString"];
  expect(names.map(issues)).toEqual([true, true, true, true, false, false]);
  await expect(issue("aws:ec2/instance:Instance", {})).rejects.toThrow("aws:ec2/instance:Instance");
});

/** @returns what openssl says, for good or bad */
function opensslVerify(ca: Made, leaf: Made, purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), "issuer-"));
  try {
    const [caFile, leafFile] = [join(directory, "ca.pem"), join(directory, "leaf.pem")];
    writeFileSync(caFile, ca.certPem);
    writeFileSync(leafFile, leaf.certPem);
    const command = ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", caFile, leafFile];
    const { stdout, stderr } = spawnSync("openssl", command, { encoding: "utf8" });
    return stdout + stderr;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Connects to a server on 127.0.0.1 that asks for a client's certificate.
 * @returns the client's common name as the server sees it
 * @throws Error if one of the two refuses the other
 */
async function handshake(ca: Made, server: Made, client: Made): Promise<string> {
  const trusting = ({ certPem, privateKeyPem }: Made) => ({
    cert: certPem,
    key: privateKeyPem,
    ca: ca.certPem,
  });
  const listener = createServer({ ...trusting(server), requestCert: true }, (socket) =>
    socket.end(String(socket.getPeerCertificate().subject.CN)),
  );
  await once(listener.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = listener.address() as AddressInfo;
    const socket = connect({ ...trusting(client), host: "127.0.0.1", port });
    const said = await text(socket);
    if (said === "") throw new Error("the server hung up");
    return said;
  } finally {
    listener.close();
  }
}
