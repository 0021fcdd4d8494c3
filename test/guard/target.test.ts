import { contradiction, recordedOf, stops } from "../../guard/target";

const inputs = {
  __defaults: [],
  ami: "ami-1",
  instanceType: "m7i.xlarge",
  tags: { "etcd:version": "3.6.16", Name: "a" },
  metadataOptions: { httpTokens: "required", httpEndpoint: "enabled" },
};

test.each<[string, object, boolean]>([
  ["nothing", {}, false],
  ["a tag", { tags: { Name: "b" } }, false],
  ["detailed monitoring", { monitoring: false }, false],
  ["what the provider adds", { __defaults: ["ami"] }, false],
  ["the order of keys", { metadataOptions: { httpEndpoint: "enabled", httpTokens: "required" } }, false],
  ["its type", { instanceType: "m7i.2xlarge" }, true],
  [
    "its capacity reservation",
    { capacityReservationSpecification: { capacityReservationPreference: "none" } },
    true,
  ],
  ["an input that nobody here knows", { somethingNew: true }, true],
])("an update of %s", (_, changed, expected) => {
  expect(stops(inputs, { ...inputs, ...changed })).toBe(expected);
});

test("an input that goes away counts as changed", () => {
  expect(stops({ ...inputs, hibernation: true }, inputs)).toBe(true);
});

test("tags that are missing say nothing", () => {
  expect(recordedOf({})).toEqual({});
  expect(recordedOf({ "etcd:generation": "2", "etcd:deletion-protection": "false" })).toEqual({
    generation: 2,
    deletionProtection: false,
  });
});

test("a machine's tags that say another member than the program are a contradiction", () => {
  const named = { cluster: "prod", member: "member1" };
  expect(contradiction(named, { ...named })).toBeUndefined();
  for (const tagged of [
    { ...named, member: "member2" },
    { ...named, cluster: "other" },
  ])
    expect(contradiction(named, tagged)).toBe(
      `its machine's tags say that it is ${tagged.member} of ${tagged.cluster}, the program deploys it as member1 of prod`,
    );
});
