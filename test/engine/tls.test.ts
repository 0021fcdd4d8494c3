import { X509Certificate, createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../record/values";
import { Provider } from "./provider";

let home: string;
let provider: Provider;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "stand-in-"));
  provider = await Provider.start("tls", home);
});
afterAll(async () => {
  await provider.abandon();
  rmSync(home, { recursive: true });
});

const keyType = "tls:index/privateKey:PrivateKey";
const caType = "tls:index/selfSignedCert:SelfSignedCert";

test("makes a real key, marked as a secret, and a certificate that belongs to it", async () => {
  expect(await provider.version()).toBe("5.6.1");
  const { outputs: key } = await provider.create(keyType, "ca", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  expect(key.privateKeyPem).toBeInstanceOf(Secret);
  const privateKeyPem = String((key.privateKeyPem as Secret).reveal());
  const inputs = {
    privateKeyPem,
    allowedUses: ["cert_signing"],
    validityPeriodHours: 1,
    isCaCertificate: true,
  };
  const { outputs } = await provider.create(caType, "ca", { ...inputs, subject: { commonName: "CA" } });
  const certificate = new X509Certificate(String(outputs.certPem));
  expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
});

test("refuses what the issuer refuses, naming the input", async () => {
  await expect(provider.create(keyType, "x", { algorithm: "DSA" })).rejects.toThrow("algorithm: DSA");
});

test("any other input makes a certificate anew, when to renew it does not", async () => {
  const before = { validityPeriodHours: 8760, earlyRenewalHours: 1440 };
  const diff = (after: object) => provider.diff(caType, before, { ...before, ...after });
  expect(await diff({})).toEqual({ changes: "none", replaces: [], deletesFirst: false });
  expect(await diff({ earlyRenewalHours: 720 })).toEqual({
    changes: "some",
    replaces: [],
    deletesFirst: false,
  });
  expect(await diff({ validityPeriodHours: 24 })).toEqual({
    changes: "some",
    replaces: ["validityPeriodHours"],
    deletesFirst: false,
  });
});
