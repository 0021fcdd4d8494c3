import { recordProgram } from "../fixtures/program";

test("what is put off is there when a program asks for it: a function becomes code", async () => {
  const { outputs } = await recordProgram(
    "const three: number = 3;",
    "export const code = pulumi.output(pulumi.runtime.serializeFunction(() => three + 1)).text;",
  );
  expect(outputs.code).toContain("three + 1");
  expect(outputs.code).toContain("three: 3");
});

test("what a program logs arrives, without the SDK's lines for debugging", async () => {
  const { logs } = await recordProgram(
    'new pulumi.ComponentResource("lean:index:Part", "part");',
    'void pulumi.log.info("made");',
    'void pulumi.log.warn("not yet");',
  );
  expect(logs.map(({ severity, message }) => [severity, message])).toEqual([
    ["info", "made"],
    ["warning", "not yet"],
  ]);
});

test("a program that fails is told with lines of its source", async () => {
  const failing = recordProgram("interface Gone {", "  a: string;", "}", 'throw new Error("no such thing");');
  await expect(failing).rejects.toThrow(/no such thing[^]*index\.ts.*:5:/);
});
