import type { Scenario } from "../harness/scenario";
import { apiServer } from "./apiServer";
import { backup, backupFailures } from "./backups";
import { caRotation } from "./caRotation";
import { certificateRenewed, certificatesOfApiServers } from "./certificates";
import { controlPlane } from "./controlPlane";
import { deployed } from "./deployed";
import { foreignVolume, fullDisk, slowDisk } from "./disks";
import { awsUnreachable, controlNoFsync, lossyNetwork, partition, powerCuts } from "./faults";
import { debian13, foundedAnew, founding, foundingByDns, powerCutFounding } from "./founding";
import { machineGone, machineReplaced, rebootMidJoin, rollingReplacement } from "./machines";
import { hostileMember } from "./hostile";
import { defragmentation, outOfSpace } from "./maintenance";
import {
  memberReplacedDead,
  memberReplacedHealthy,
  scaleOut,
  scaleOutTesting,
  lostVolume,
  twoLost,
} from "./members";
import { restoreResized } from "./resized";
import { badSnapshot, majorityLost, restore, restoreNewNames } from "./restores";
import { rollOver } from "./rollOver";
import { runBooks } from "./runBooks";
import { strangers } from "./strangers";
import { verified } from "./verified";
import { downgrade, upgrade, upgradeRefused } from "./upgrades";

/** Every drill, in the order in which they run: one that leaves its world comes before one that continues in it. */
export const scenarios: readonly Scenario[] = [
  founding,
  strangers,
  verified,
  machineReplaced,
  rollingReplacement,
  machineGone,
  rebootMidJoin,
  lostVolume,
  twoLost,
  powerCuts,
  partition,
  lossyNetwork,
  awsUnreachable,
  fullDisk,
  foreignVolume,
  certificateRenewed,
  defragmentation,
  apiServer,
  certificatesOfApiServers,
  badSnapshot,
  outOfSpace,
  hostileMember,
  caRotation,
  debian13,
  foundingByDns,
  powerCutFounding,
  foundedAnew,
  rollOver,
  memberReplacedDead,
  memberReplacedHealthy,
  scaleOutTesting,
  scaleOut,
  controlNoFsync,
  slowDisk,
  backupFailures,
  backup,
  majorityLost,
  restore,
  restoreNewNames,
  restoreResized,
  upgradeRefused,
  upgrade,
  downgrade,
  deployed,
  runBooks,
  controlPlane,
];
