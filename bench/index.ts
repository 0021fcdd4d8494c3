import { Argument, Option } from "commander";
import { command, runCommand } from "../commands/command";
import { benchBackupRestore } from "./backupRestore";
import { benchBoot } from "./boot";
import { benchFaults } from "./faults";
import { benchParameterStore } from "./parameterStore";
import { benchPlan } from "./plan";
import { benchRehearsal } from "./rehearsal";
import { benchReview } from "./review";

const benches: Record<string, (rounds: number) => Promise<string>> = {
  "backup-restore": benchBackupRestore,
  boot: benchBoot,
  faults: benchFaults,
  "parameter-store": benchParameterStore,
  plan: benchPlan,
  rehearsal: benchRehearsal,
  review: benchReview,
};

const program = command("bench", "Measures side by side, in one run, and prints both sides and their ratio")
  .addArgument(new Argument("<name>", "what to measure").choices(Object.keys(benches)))
  .addOption(new Option("--rounds <n>", "how often, alternating").default(5).argParser(Number))
  .action(async (name: string, { rounds }: { rounds: number }) => {
    process.stdout.write(`${await benches[name]!(rounds)}\n`);
  });

void runCommand(program);
