import { allowedActions } from "../../../machine/allowedActions";
import { isAllowed } from "../../../rehearsal/machines/permissions";

const parameters = "arn:aws:ssm:eu-central-1:123456789012:parameter";
const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/1";
const own = allowedActions({ parameterArnPrefix: parameters, cluster: "prod", member: "member1", keyArn });

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

test("a question mark stands for one character: a generation's record, not what lies below it", () => {
  const put = (name: string) =>
    isAllowed(own, {
      action: "ssm:PutParameter",
      resource: `${parameters}/etcd/prod/incarnations/1/generations/${name}`,
    });
  expect(put("7")).toBe(true);
  expect(put("7/started/member2")).toBe(false);
  expect(put("7/started/member1")).toBe(true);
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
