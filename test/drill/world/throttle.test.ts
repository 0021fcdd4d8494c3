import { Throttle } from "../../../drill/world/throttle";

let now = 0;
const throttle = () => new Throttle({ reads: 40, writes: 3 }, () => now);
const taken = (which: Throttle, action: string, times: number) =>
  Array.from({ length: times }, () => which.takes(action)).filter(Boolean).length;

test("a second's calls are taken at once, and more as time passes", () => {
  const each = throttle();
  expect(taken(each, "ssm:PutParameter", 10)).toBe(3);
  now += 1000;
  expect(taken(each, "ssm:PutParameter", 10)).toBe(3);
  now += 60_000;
  expect(taken(each, "ssm:PutParameter", 10)).toBe(3);
  expect(each.seen).toEqual({ reads: 0, writes: 30, throttled: 21 });
});

test("the three kinds of reads share a rate, which writes do not take from", () => {
  const each = throttle();
  taken(each, "ssm:PutParameter", 10);
  expect(taken(each, "ssm:GetParameters", 30) + taken(each, "ssm:GetParametersByPath", 30)).toBe(40);
  expect(each.takes("ssm:GetParameter")).toBe(false);
});

test("calls of other services are none of its business", () => {
  expect(taken(throttle(), "s3:PutObject", 100)).toBe(100);
});
