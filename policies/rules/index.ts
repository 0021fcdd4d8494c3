import type { Rule } from "../rule";
import { apiServerEndpoints } from "./apiServerEndpoints";
import { certificateLifetime } from "./certificateLifetime";
import { clientPortsClosed } from "./clientPortsClosed";
import { dedicatedMachines } from "./dedicatedMachines";
import { imdsV2 } from "./imdsV2";
import { loadBalancerInternal } from "./loadBalancerInternal";
import { minimumVersion } from "./minimumVersion";
import { noPublicAddress } from "./noPublicAddress";
import { noSecretsInUserData } from "./noSecretsInUserData";
import { oddMemberCount } from "./oddMemberCount";
import { oneAtATime } from "./oneAtATime";
import { productionMemberCount } from "./productionMemberCount";
import { singleNodeTestingOnly } from "./singleNodeTestingOnly";
import { tlsClientAuth } from "./tlsClientAuth";
import { tlsPeerAuth } from "./tlsPeerAuth";
import { uniqueCa } from "./uniqueCa";
import { uniqueMemberNames } from "./uniqueMemberNames";
import { upgradeOneMinor } from "./upgradeOneMinor";
import { zoneMajority } from "./zoneMajority";

/** Every rule of the pack: members, machines, access, certificates. */
export const rules: readonly Rule[] = [
  oddMemberCount,
  productionMemberCount,
  singleNodeTestingOnly,
  uniqueMemberNames,
  zoneMajority,
  minimumVersion,
  upgradeOneMinor,

  dedicatedMachines,
  imdsV2,
  oneAtATime,
  noSecretsInUserData,

  clientPortsClosed,
  noPublicAddress,
  loadBalancerInternal,
  apiServerEndpoints,

  tlsClientAuth,
  tlsPeerAuth,
  uniqueCa,
  certificateLifetime,
];
