import { estateOf, type Estate } from "../../../drill/world/estate";
import { record } from "../../../record";
import { loadStack } from "../../../record/project";
import { root } from "../../fixtures/declarations";

let estate: Estate;

beforeAll(async () => {
  estate = estateOf(await record(loadStack(root, "prod")));
});

test("every machine has its own address, volume and role", () => {
  expect(estate.machines.map(({ member }) => member).sort()).toEqual(
    [1, 2, 3, 4, 5].map((n) => `member${n}`),
  );
  for (const of of [
    ({ address }: Estate["machines"][number]) => address,
    ({ volume }: Estate["machines"][number]) => volume.id,
    ({ role }: Estate["machines"][number]) => role.name,
  ])
    expect(new Set(estate.machines.map(of)).size).toBe(5);
  for (const { volume, role } of estate.machines) {
    expect(volume.sizeGiB).toBe(40);
    expect(role.statements.length).toBeGreaterThan(0);
  }
});

test("names, parameters, balancer and bucket are as they are declared", () => {
  expect(estate.dns).toContainEqual({ name: "member1.prod.etcd.internal", type: "A", values: ["10.0.1.11"] });
  expect(estate.parameters.map(({ name }) => name)).toContain("/etcd/prod/desired");
  expect(estate.balancer).toMatchObject({
    dnsName: "etcd.prod.etcd.internal",
    listenerPort: 2379,
    check: { path: "/readyz", port: 2381 },
  });
  expect(estate.balancer!.targets).toHaveLength(5);
  expect(estate.bucket).toMatch(/^prod-etcd-backups-/);
  expect(Object.keys(estate.apiServer.files).sort()).toEqual(["ca.crt", "client.crt", "client.key"]);
});
