import { NotRecordable } from "../../record";
import { runCommand } from "../fixtures/commands";
import { recordProgram, SmallProgram } from "../fixtures/program";

const custom = (type: string, name: string, options: string) =>
  `class Custom extends pulumi.CustomResource { constructor() { super("${type}", "${name}", {}, ${options}); } } new Custom();`;

test.each<[string, string, string]>([
  [
    "a resource that is read",
    custom("aws:ec2/vpc:Vpc", "vpc", '{ id: "vpc-1" }'),
    'aws:ec2/vpc:Vpc "vpc": is read by its id (vpc-1)',
  ],
  [
    "a resource of another stack, by its URN",
    custom("a:b:C", "c", '{ urn: "urn:pulumi:other::p::a:b:C::c" }'),
    "urn:pulumi:other::p::a:b:C::c: is no resource that this program has registered so far",
  ],
  [
    "outputs of another stack",
    'new pulumi.StackReference("org/platform/prod");',
    'StackReference "org/platform/prod": outputs',
  ],
  [
    "a function of a provider",
    'void pulumi.runtime.invoke("aws:ec2/getAmi:getAmi", {});',
    "aws:ec2/getAmi:getAmi: its answer",
  ],
  [
    "a function of a provider whose failure the program swallows",
    'pulumi.runtime.invoke("aws:ec2/getAmi:getAmi", {}).catch(() => undefined);',
    "aws:ec2/getAmi:getAmi: its answer",
  ],
  [
    "a method of a component",
    'pulumi.runtime.call("a:index:C/method", {});',
    "a:index:C/method: is a method",
  ],
  [
    "a component of a provider",
    'new pulumi.ComponentResource("a:index:C", "c", {}, {}, true);',
    'a:index:C "c": is a component of a provider',
  ],
  [
    "a package of a provider with a parameter",
    'void pulumi.runtime.registerPackage({ baseProviderName: "terraform-provider", baseProviderVersion: "1.0.0", baseProviderDownloadUrl: "", packageName: "dns", packageVersion: "1.0.0", base64Parameter: "" });',
    "package dns: is made of the provider terraform-provider",
  ],
  [
    "an imported key",
    custom("tls:index/privateKey:PrivateKey", "ca", '{ import: "id-1" }'),
    'tls:index/privateKey:PrivateKey "ca": import: what was issued',
  ],
  ["a stash", 'new pulumi.Stash("stash", { input: 1 });', 'pulumi:index:Stash "stash": keeps its value'],
])("%s is refused by name, with a way out and no stack trace", async (_, line, named) => {
  const refused = await recordProgram(line).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(NotRecordable);
  const { message } = refused as Error;
  expect(message).toContain(named);
  expect(message).toMatch(/ask neither cloud nor plugin: (pass|declare|import) [^\n]*\.$/);
  expect(message).not.toMatch(/\n|at .*:\d+/);
});

test("a command says so, and ends with exit code 1", async () => {
  const program = new SmallProgram('new pulumi.StackReference("org/platform/prod");');
  try {
    const { code, stdout, stderr } = await runCommand("plan", ["--stack", "test"], program.directory);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('StackReference "org/platform/prod": outputs of another stack');
    expect(stderr).not.toMatch(/^\s+at /m);
  } finally {
    program.remove();
  }
});
