import { bucketOutOfReach, parameterChanged, startedUnanswered, uploadCutOff } from "../../drill/faults/aws";
import { together, type Fault } from "../../drill/faults/fault";
import { machineDies, powerCut } from "../../drill/faults/machines";
import { slowVolume, volumeLost } from "../../drill/faults/volumes";
import type { Gateway } from "../../drill/world/gateway";
import type { World } from "../../drill/world/world";

type Call = Parameters<NonNullable<Gateway["intercept"]>>[0];

const upload = { service: "s3", method: "PUT", url: "/bucket/snapshots/1.db" } as Call;

test("a machine dies without its volume, which the next one has", async () => {
  const world = standIn();
  await lived(machineDies("member1"), world);
  expect(world.did).toEqual(["end member1 kill", "boot member1"]);
});

test("a lost volume is gone before its machine is made anew", async () => {
  const world = standIn();
  await lived(volumeLost("member1"), world);
  expect(world.did).toEqual(["end member1 kill", "loseVolume member1", "boot member1"]);
});

test("a slow volume is there when its machine boots, and another one when it is healed", async () => {
  const world = standIn();
  await lived(slowVolume("member1", 20), world);
  expect(world.did).toEqual([
    ...["end member1 kill", "loseVolume member1", "volume member1 writes 20", "boot member1"],
    ...["end member1 kill", "loseVolume member1", "boot member1"],
  ]);
});

test("the power goes on all machines before one is on again", async () => {
  const world = standIn();
  await lived(powerCut(["member1", "member2"]), world);
  expect(world.did).toEqual(["switchOff member1,member2 cutPower", "switchOn member1,member2"]);
});

test("faults together are injected before the first is healed", async () => {
  const world = standIn();
  const fault = together(machineDies("member1"), machineDies("member2"));
  expect(fault.name).toBe("member1's machine dies; member2's machine dies");
  await lived(fault, world);
  expect(world.did).toEqual(["end member1 kill", "end member2 kill", "boot member1", "boot member2"]);
});

test("the first upload of a snapshot is cut off, the second and all else go through", async () => {
  const world = standIn();
  const fault = uploadCutOff();
  await fault.inject(world);
  expect(asked(world, { ...upload, url: "/bucket/claims/1" })).toBe("answered");
  expect(asked(world, upload)).toBe("cut off");
  expect(asked(world, upload)).toBe("answered");
  expect(fault.struck).toBe(1);
});

test("the bucket answers nobody until it is healed, other services do", async () => {
  const world = standIn();
  const fault = bucketOutOfReach();
  await fault.inject(world);
  expect(asked(world, { ...upload, service: "ssm" })).toBe("answered");
  expect(asked(world, upload)).toBe(503);
  expect(asked(world, upload)).toBe(503);
  expect(fault.struck).toBe(2);
  await fault.heal(world);
  expect(asked(world, upload)).toBe("answered");
});

test("a parameter that was changed by hand is put back as it was", async () => {
  const world = standIn({ "/etcd/prod/desired": "as declared" });
  const fault = parameterChanged("/etcd/prod/desired", (value) => value.replace("declared", "a hand has it"));
  await fault.inject(world);
  expect(world.parameters).toEqual({ "/etcd/prod/desired": "as a hand has it" });
  await fault.heal(world);
  expect(world.parameters).toEqual({ "/etcd/prod/desired": "as declared" });
});

test("records that machines start are kept and not answered, others go through", async () => {
  const world = standIn();
  const fault = startedUnanswered();
  await fault.inject(world);
  const put = (Name: string) =>
    asked(world, {
      action: "ssm:PutParameter",
      body: Buffer.from(JSON.stringify({ Name, Value: "{}" })),
    } as Call);
  expect(put("/etcd/prod/incarnations/1/status/member1")).toBe("answered");
  expect(put("/etcd/prod/incarnations/1/generations/1/started/member1")).toBe("no answer");
  await new Promise(setImmediate);
  expect([...fault.started]).toEqual(["member1"]);
  expect(Object.keys(world.parameters)).toEqual(["/etcd/prod/incarnations/1/generations/1/started/member1"]);
});

async function lived(fault: Fault, world: World): Promise<void> {
  await fault.inject(world);
  await fault.heal(world);
}

/** How the world's AWS answers a call. */
function asked(world: World, call: Call): "answered" | "cut off" | "no answer" | number {
  let answer: "cut off" | "no answer" | number = "no answer";
  const response = {
    set statusCode(code: number) {
      answer = code;
    },
    destroy: () => (answer = "cut off"),
    end: () => undefined,
  } as unknown as Parameters<NonNullable<Gateway["intercept"]>>[1];
  return world.gateway.intercept?.(call, response) ? answer : "answered";
}

/** A world that says what was done to it. */
function standIn(parameters: Record<string, string> = {}) {
  const did: string[] = [];
  const does =
    (verb: string) =>
    (...args: unknown[]) => {
      did.push([verb, ...args.map(String)].join(" "));
      return Promise.resolve();
    };
  const volume = (member: string) => ({
    set writesPerSecond(writes: number) {
      did.push(`volume ${member} writes ${writes}`);
    },
  });
  const account = {
    parameter: (name: string) => Promise.resolve(parameters[name]),
    putParameter: (name: string, value: string) => {
      parameters[name] = value;
      return Promise.resolve();
    },
  };
  const verbs = Object.fromEntries(
    ["end", "boot", "loseVolume", "switchOff", "switchOn"].map((verb) => [verb, does(verb)]),
  );
  const world = { did, parameters, volume, account, gateway: {}, ...verbs };
  return world as unknown as World & { did: string[]; parameters: Record<string, string> };
}
