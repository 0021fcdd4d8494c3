import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import fixture from "../fixtures/tls-golden.json";
import { derLines } from "./der";
import { selfSigned, signedBy, type Inputs, type Made } from "./issued";
import { withOpenssl } from "../fixtures/openssl";

/** What the plugin made of one set of inputs. */
interface Golden {
  inputs: Inputs;
  request?: Inputs;
  certRequestPem?: string;
  /** The case whose certificate signed this one; none if it signed itself. */
  issuer?: string;
  certPem: string;
  openssl: string[];
  keyAlgorithm?: string;
  caKeyAlgorithm?: string;
  readyForRenewal: boolean;
  validityStartTime: string;
  validityEndTime: string;
}
const golden = fixture.cases as Record<string, Golden>;

describe.each(Object.keys(golden))("of the inputs of %s the same is made as by the plugin:", (name) => {
  const expected = golden[name]!;
  const expectedIssuer = golden[expected.issuer ?? name]!;
  let made: Made;
  let issuer: Made;

  beforeAll(async () => {
    ({ made, issuer } = await remake(name));
  });

  test("the certificate, element by element", () => {
    expect(certificateLines(made, issuer)).toEqual(certificateLines(expected, expectedIssuer));
  });

  if (expected.certRequestPem !== undefined) {
    test("the request, element by element", () => {
      expect(requestLines(made)).toEqual(requestLines(expected));
    });
  }

  withOpenssl("openssl's text of the certificate", () => {
    const command = ["x509", "-noout", "-text", "-nameopt", "RFC2253"];
    const text = execFileSync("openssl", command, { input: made.certPem, encoding: "utf8" });
    expect(maskedText(text.trimEnd().split("\n"), made, issuer)).toEqual(
      maskedText(expected.openssl, expected, expectedIssuer),
    );
  });

  test("the other outputs", () => {
    const { id, certPem, outputs } = made;
    expect(outputs).toMatchObject(expected.inputs);
    expect(outputs.keyAlgorithm).toBe(expected.keyAlgorithm);
    expect(outputs.caKeyAlgorithm).toBe(expected.caKeyAlgorithm);
    expect(outputs.readyForRenewal).toBe(expected.readyForRenewal);
    // The plugin writes nanoseconds, which JavaScript drops.
    expect(new Date(String(outputs.validityStartTime))).toEqual(new Date(expected.validityStartTime));
    expect(new Date(String(outputs.validityEndTime))).toEqual(new Date(expected.validityEndTime));
    expect(certPem.replace(/^[\w+/=]{1,64}\n/gm, "")).toBe(
      expected.certPem.replace(/^[\w+/=]{1,64}\n/gm, ""),
    );
    expect(id).toBe(BigInt(`0x${new X509Certificate(certPem).serialNumber}`).toString());
  });
});

/** Makes a case's certificate and its issuer's from the same inputs, at the second at which the plugin did. */
async function remake(name: string): Promise<{ made: Made; issuer: Made }> {
  const { inputs, request, issuer: issuerName, validityStartTime } = golden[name]!;
  const options = { now: () => new Date(validityStartTime) };
  if (issuerName === undefined) {
    const made = await selfSigned(inputs, options);
    return { made, issuer: made };
  }
  const { made: issuer } = await remake(issuerName);
  return { made: await signedBy(issuer, request ?? {}, inputs, options), issuer };
}

type Certificate = Pick<Made, "certPem" | "certRequestPem">;

/**
 * A certificate's elements. Alone what is random is masked: keys, signatures, the serial number. Key ids are
 * masked only if they are the SHA-1 of the keys that they ought to name.
 */
function certificateLines({ certPem }: Certificate, issuer: Certificate): string[] {
  const ids = new Map([
    [keyId(issuer.certPem), "<id of the issuer's key>"],
    [keyId(certPem), "<id of the subject's key>"],
  ]);
  return derLines(certPem).map((line) =>
    maskedElement(line).replace(/[0-9a-f]{40}$/, (id) => ids.get(id) ?? id),
  );
}

function requestLines({ certRequestPem = "" }: Certificate): string[] {
  return derLines(certRequestPem).map(maskedElement);
}

function maskedElement(line: string): string {
  return line
    .replace(/(BIT STRING) 0004[0-9a-f]{128}$/, "$1 <P-256 key>")
    .replace(/(BIT STRING) 0030[0-9a-f]{132,144}$/, "$1 <P-256 signature>")
    .replace(/(INTEGER) (?:00[89a-f]|[0-7])[0-9a-f]{21,31}$/, "$1 <serial number>");
}

/** The lines of `openssl x509 -text` under the same masks. */
function maskedText(lines: string[], { certPem }: Certificate, issuer: Certificate): string[] {
  const ids = new Map([
    [colons(keyId(issuer.certPem)), "<id of the issuer's key>"],
    [colons(keyId(certPem)), "<id of the subject's key>"],
  ]);
  return lines
    .map((line) => line.trimEnd().replace(/(?:[0-9A-F]{2}:){19}[0-9A-F]{2}$/, (id) => ids.get(id) ?? id))
    .filter((line) => !/^ +(?:[0-9a-f]{2}:)*[0-9a-f]{2}:?$/.test(line));
}

/** SHA-1 of a P-256 key's bits, which are the last of its SubjectPublicKeyInfo. */
function keyId(certPem: string): string {
  const spki = new X509Certificate(certPem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha1").update(spki.subarray(-65)).digest("hex");
}

function colons(id: string): string {
  return id.toUpperCase().match(/../g)!.join(":");
}
