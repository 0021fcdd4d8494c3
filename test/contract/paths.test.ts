import { backupStamp } from "../../contract/paths";

test("a backup's keys carry their time to the second, so that they sort as they were made", () => {
  expect(backupStamp(new Date("2026-11-24T22:00:00.999Z"))).toBe("20261124T220000Z");
});
