import { parseCluster } from "../../spec";
import { declaration } from "../fixtures/declarations";

const http = "http://mirror.etcd.internal/etcd";

function problems(mirror: string, checksums = {}): string[] {
  const declared = { ...declaration("dev"), mirror, checksums };
  declared.network.outbound = "nat-0123456789abcdef0";
  const parsed = parseCluster(declared);
  return "problems" in parsed ? parsed.problems.map(({ path }) => path) : [];
}

test("a mirror by http is refused without the checksum of the machines' architecture, even for testing", () => {
  expect(problems(http)).toEqual(["checksums.amd64"]);
  expect(problems(http, { arm64: "0".repeat(64) })).toEqual(["checksums.amd64"]);
  expect(problems(http, { amd64: "0".repeat(64) })).toEqual([]);
  expect(problems("https://mirror.etcd.internal/etcd")).toEqual([]);
});
