import type { Scenario } from "../scenario";
import { apiServer } from "./apiServer";
import { certificateRenewed } from "./certificates";
import { diskFull, foreignVolume, slowDisk } from "./disks";
import { awsUnreachable, controlNoFsync, packetLoss, partition, powerCut } from "./faults";
import { foundedAnew, founding, foundingByDns, powerCutFounding } from "./founding";
import { machineGone, machineReplaced, rebootMidJoin, rollingReplacement } from "./machines";
import {
  memberReplacedDead,
  memberReplacedHealthy,
  scaleOut,
  scaleOutTesting,
  twoLost,
  volumeLost,
} from "./members";
import { strangers } from "./strangers";

/** Every drill, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  founding,
  foundingByDns,
  powerCutFounding,
  foundedAnew,
  strangers,
  machineReplaced,
  rollingReplacement,
  machineGone,
  rebootMidJoin,
  volumeLost,
  memberReplacedDead,
  memberReplacedHealthy,
  twoLost,
  scaleOutTesting,
  scaleOut,
  powerCut,
  partition,
  packetLoss,
  awsUnreachable,
  controlNoFsync,
  diskFull,
  slowDisk,
  foreignVolume,
  certificateRenewed,
  apiServer,
];
