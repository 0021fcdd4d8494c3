import { issue } from "../record/issuer";

/**
 * A certificate of a CA that the stack knows nothing about, made of the same parts as the declared ones: for clients,
 * and for a server on 127.0.0.1.
 */
export async function foreignIdentity(): Promise<{ cert: string; key: string; caCert: string }> {
  const key = async () =>
    String(
      (await issue("tls:index/privateKey:PrivateKey", { algorithm: "ECDSA", ecdsaCurve: "P256" })).outputs
        .privateKeyPem,
    );
  const caKey = await key();
  const ca = await issue("tls:index/selfSignedCert:SelfSignedCert", {
    privateKeyPem: caKey,
    subject: { commonName: "foreign CA" },
    isCaCertificate: true,
    allowedUses: ["cert_signing"],
    setSubjectKeyId: true,
    validityPeriodHours: 1,
  });
  const ownKey = await key();
  const request = await issue("tls:index/certRequest:CertRequest", {
    privateKeyPem: ownKey,
    subject: { commonName: "stranger" },
    ipAddresses: ["127.0.0.1"],
  });
  const certificate = await issue("tls:index/locallySignedCert:LocallySignedCert", {
    certRequestPem: request.outputs.certRequestPem,
    caCertPem: ca.outputs.certPem,
    caPrivateKeyPem: caKey,
    allowedUses: ["digital_signature", "client_auth", "server_auth"],
    validityPeriodHours: 1,
  });
  return {
    cert: String(certificate.outputs.certPem),
    key: ownKey,
    caCert: String(ca.outputs.certPem),
  };
}
