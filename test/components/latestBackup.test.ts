import { EtcdRecords } from "../../components/records";
import { backupStamp } from "../../contract/paths";
import type { BackupManifest, FoundingRecord } from "../../contract/records";
import { samples } from "../contract/samples";
import { declaration, specOf } from "../fixtures/declarations";
import { mockEngine, settled, type MockedResource } from "../fixtures/mocks";

const sha256 = "a".repeat(64);

function manifest(time: string, changed: object = {}): [string, string] {
  const written: BackupManifest = {
    ...samples.manifest[1],
    snapshot: `snapshots/${time}.db`,
    versionId: `version-of-${time}`,
    sha256,
  };
  return [`manifests/${time}.json`, JSON.stringify({ ...written, ...changed })];
}

/** What generation 2 is declared as where the latest backup of this bucket is restored. */
async function founding(objects: Map<string, string>, failure?: Error): Promise<FoundingRecord> {
  const made: MockedResource[] = mockEngine((token, inputs) => {
    if (failure && token.includes("getObject")) throw failure;
    if (token === "aws:s3/getObjects:getObjects")
      return { keys: [...objects.keys()].filter((key) => key.startsWith(String(inputs.prefix))) };
    if (token === "aws:s3/getObject:getObject") return { body: objects.get(String(inputs.key)) };
    return undefined;
  });
  const restore = { snapshot: "latest", generation: 2, connectedClients: "refuse" as const };
  const spec = specOf({ ...declaration("prod"), restore });
  await settled(new EtcdRecords("prod", { spec, keyArn: "arn:aws:kms:key", backupBucket: "backups" }));
  const { value } = made.find(({ name }) => name === "prod-founding-2")!.inputs.value as { value: string };
  return JSON.parse(value) as FoundingRecord;
}

const bucket = (...manifests: [string, string][]) =>
  new Map([
    ...manifests,
    ...manifests.map(([key]): [string, string] => [
      key.replace("manifests/", "snapshots/").replace(".json", ".db"),
      "",
    ]),
  ]);

test("the latest backup is the newest that is there whole, bound by hash and version", async () => {
  const tomorrow = backupStamp(new Date(Date.now() + 86_400_000));
  const objects = bucket(
    manifest("20260101T000000Z"),
    manifest("20260301T000000Z"),
    manifest("20260302T000000Z"),
    manifest("20260303T000000Z", { snapshot: "snapshots/20260101T000000Z.db" }),
    manifest("20260304T000000Z", { sha256: "$(touch /pwned)" }),
    manifest(tomorrow),
  );
  objects.delete("snapshots/20260302T000000Z.db");
  expect(await founding(objects)).toMatchObject({
    snapshot: "s3://backups/snapshots/20260301T000000Z.db",
    sha256,
    versionId: "version-of-20260301T000000Z",
  });
});

test.each([
  ["an empty bucket", new Map<string, string>(), undefined],
  ["a bucket that may not be read", bucket(manifest("20260101T000000Z")), new Error("AccessDenied")],
])("%s leaves it to the machines", async (_, objects, failure) => {
  expect((await founding(objects, failure)).snapshot).toBe("latest");
});
