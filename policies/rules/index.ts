import type { Rule } from "../rule";
import { apiServerEndpoints } from "./apiServerEndpoints";
import { backups } from "./backups";
import { certificateLifetime } from "./certificateLifetime";
import { clientPortsClosed } from "./clientPortsClosed";
import { dedicatedMachines } from "./dedicatedMachines";
import { diskPerformance } from "./diskPerformance";
import { imdsV2 } from "./imdsV2";
import { leastPrivilege } from "./leastPrivilege";
import { loadBalancerInternal } from "./loadBalancerInternal";
import { machinesTagged } from "./machinesTagged";
import { minimumVersion } from "./minimumVersion";
import { noAutoscaling } from "./noAutoscaling";
import { noPublicAddress } from "./noPublicAddress";
import { noSecretsInUserData } from "./noSecretsInUserData";
import { noSpot } from "./noSpot";
import { oddMemberCount } from "./oddMemberCount";
import { oneAtATime } from "./oneAtATime";
import { pinnedBinaries } from "./pinnedBinaries";
import { pinnedMachineImage } from "./pinnedMachineImage";
import { productionMemberCount } from "./productionMemberCount";
import { singleNodeTestingOnly } from "./singleNodeTestingOnly";
import { tlsClientAuth } from "./tlsClientAuth";
import { tlsPeerAuth } from "./tlsPeerAuth";
import { uniqueCa } from "./uniqueCa";
import { uniqueMemberNames } from "./uniqueMemberNames";
import { upgradeOneMinor } from "./upgradeOneMinor";
import { volumeSnapshots } from "./volumeSnapshots";
import { volumeSurvivesMachine } from "./volumeSurvivesMachine";
import { volumesEncrypted } from "./volumesEncrypted";
import { volumesProtected } from "./volumesProtected";
import { zoneMajority } from "./zoneMajority";

/** Every rule of the pack: members, machines, volumes and backups, access, certificates. */
export const rules: readonly Rule[] = [
  oddMemberCount,
  productionMemberCount,
  singleNodeTestingOnly,
  uniqueMemberNames,
  machinesTagged,
  zoneMajority,
  minimumVersion,
  upgradeOneMinor,

  dedicatedMachines,
  noSpot,
  imdsV2,
  oneAtATime,
  noSecretsInUserData,
  noAutoscaling,
  pinnedMachineImage,
  pinnedBinaries,
  leastPrivilege,

  volumesEncrypted,
  volumesProtected,
  volumeSurvivesMachine,
  diskPerformance,
  backups,
  volumeSnapshots,

  clientPortsClosed,
  noPublicAddress,
  loadBalancerInternal,
  apiServerEndpoints,

  tlsClientAuth,
  tlsPeerAuth,
  uniqueCa,
  certificateLifetime,
];
