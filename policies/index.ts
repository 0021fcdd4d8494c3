import { PolicyPack } from "@pulumi/policy";
import { policyOf } from "./policy";
import { rules } from "./rules";

new PolicyPack("etcd-kubernetes", { policies: rules.map(policyOf) });
