import { allowedActions, backupBucketPolicy, type Statement } from "../../../machine/allowedActions";
import { isAllowed } from "../../../drill/world/permissions";

const parameters = "arn:aws:ssm:eu-central-1:123456789012:parameter";
const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/1";
const bucketArn = "arn:aws:s3:::backups";
const scope = { parameterArnPrefix: parameters, cluster: "prod", member: "member1", keyArn, bucketArn };
const own = allowedActions(scope);

test("a member's role reads its own keys and not another member's", () => {
  const read = (member: string) =>
    isAllowed(own, {
      action: "ssm:GetParametersByPath",
      resource: `${parameters}/etcd/prod/pki/members/${member}`,
    });
  expect(read("member1")).toBe(true);
  expect(read("member2")).toBe(false);
  expect(read("member11")).toBe(false);
});

test("a condition holds for what it names, and for nothing where the context lacks it", () => {
  const decrypt = (context?: Record<string, string>) =>
    isAllowed(own, { action: "kms:Decrypt", resource: keyArn, context });
  const parameter = (name: string) => ({ "kms:EncryptionContext:PARAMETER_ARN": `${parameters}${name}` });
  expect(decrypt(parameter("/etcd/prod/pki/members/member1/peer.key"))).toBe(true);
  expect(decrypt(parameter("/etcd/prod/pki/members/member2/peer.key"))).toBe(false);
  expect(decrypt()).toBe(false);
});

const put = (name: string, overwrite?: boolean) =>
  isAllowed(own, {
    action: "ssm:PutParameter",
    resource: `${parameters}/etcd/prod/incarnations/1/${name}`,
    context: overwrite === undefined ? {} : { "ssm:Overwrite": String(overwrite) },
  });

test("a question mark stands for one character: a generation's record, not what lies below it", () => {
  expect(put("generations/7", false)).toBe(true);
  expect(put("generations/7/started/member2", false)).toBe(false);
  expect(put("generations/7/started/member1", false)).toBe(true);
});

test("a member creates facts and never overwrites one, its own either; what it says of itself it writes again", () => {
  for (const name of ["generations/7", "generations/7/started/member1"])
    expect([put(name, true), put(name)]).toEqual([false, false]);
  for (const name of ["generations/7/verified/member1", "status/member1"]) expect(put(name, true)).toBe(true);
  for (const name of ["generations/7/verified/member2", "status/member2", "requests/backup"])
    expect([put(name, true), put(name, false)]).toEqual([false, false]);
});

test("a member adds to the bucket where nothing is yet, in one or in parts, and overwrites nothing", () => {
  const write = (key: string, context: Record<string, string>) =>
    isAllowed(own, { action: "s3:PutObject", resource: `${bucketArn}/${key}`, context });
  const creates = { "s3:ObjectCreationOperation": "true" };
  const conditional = { ...creates, "s3:if-none-match": "*" };
  const part = { "s3:ObjectCreationOperation": "false" };
  for (const folder of ["claims", "snapshots", "manifests"]) {
    expect(write(`${folder}/a`, conditional)).toBe(true);
    expect(write(`${folder}/a`, creates)).toBe(false);
  }
  expect([write("snapshots/a", part), write("manifests/a", part)]).toEqual([true, false]);
  expect(write("elsewhere/a", conditional)).toBe(false);
  expect(isAllowed(own, { action: "s3:DeleteObject", resource: `${bucketArn}/snapshots/a` })).toBe(false);
});

test("the bucket itself refuses what is not conditional, parts of an upload aside", () => {
  const denied = backupBucketPolicy(bucketArn) as Statement[];
  const refuses = (context: Record<string, string>) =>
    isAllowed(denied, {
      action: "s3:PutObject",
      resource: `${bucketArn}/snapshots/a`,
      context: { "aws:SecureTransport": "true", ...context },
    });
  expect(refuses({ "s3:ObjectCreationOperation": "true" })).toBe(true);
  expect(refuses({ "s3:ObjectCreationOperation": "true", "s3:if-none-match": "*" })).toBe(false);
  expect(refuses({ "s3:ObjectCreationOperation": "false" })).toBe(false);
});

test("a condition that it does not know is not passed over", () => {
  const statement = {
    ...own[0]!,
    Action: ["s3:*"],
    Resource: ["*"],
    Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } },
  };
  expect(() => isAllowed([statement], { action: "s3:PutObject", resource: "arn" })).toThrow(/IpAddress/);
});
