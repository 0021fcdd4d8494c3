import type { Scenario } from "../scenario";

export const founding: Scenario = {
  name: "founding",
  title: "five machines boot from the declared user data and found one cluster",
  async run(drill) {
    await drill.found();
    await drill.under("nothing happens to it for a while", () => Promise.resolve());
  },
};
