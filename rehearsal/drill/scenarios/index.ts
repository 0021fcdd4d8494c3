import type { Scenario } from "../scenario";
import { apiServer } from "./apiServer";
import { backup, backupFailures } from "./backups";
import { certificateRenewed } from "./certificates";
import { controlPlane } from "./controlPlane";
import { deployed } from "./deployed";
import { diskFull, foreignVolume, slowDisk } from "./disks";
import { awsUnreachable, controlNoFsync, packetLoss, partition, powerCut } from "./faults";
import { debian13, foundedAnew, founding, foundingByDns, powerCutFounding } from "./founding";
import { machineGone, machineReplaced, rebootMidJoin, rollingReplacement } from "./machines";
import { defragmentation, outOfSpace } from "./maintenance";
import {
  memberReplacedDead,
  memberReplacedHealthy,
  scaleOut,
  scaleOutTesting,
  twoLost,
  volumeLost,
} from "./members";
import { badSnapshot, majorityLost, restore, restoreNewNames } from "./restores";
import { runBooks } from "./runBooks";
import { strangers } from "./strangers";
import { verified } from "./verified";
import { downgrade, upgrade, upgradeRefused } from "./upgrades";

/** Every drill, in the order in which they run: first those that share a world. */
export const scenarios: readonly Scenario[] = [
  founding,
  strangers,
  verified,
  machineReplaced,
  rollingReplacement,
  machineGone,
  rebootMidJoin,
  volumeLost,
  twoLost,
  powerCut,
  partition,
  packetLoss,
  awsUnreachable,
  diskFull,
  foreignVolume,
  certificateRenewed,
  defragmentation,
  debian13,
  foundingByDns,
  powerCutFounding,
  foundedAnew,
  memberReplacedDead,
  memberReplacedHealthy,
  scaleOutTesting,
  scaleOut,
  controlNoFsync,
  slowDisk,
  apiServer,
  backup,
  backupFailures,
  restore,
  majorityLost,
  badSnapshot,
  restoreNewNames,
  upgrade,
  upgradeRefused,
  downgrade,
  outOfSpace,
  deployed,
  runBooks,
  controlPlane,
];
