import { hosts } from "../world/addresses";

/** How commands, Pulumi and the quorum guard reach AWS in a drill. */
export const credentials = {
  AWS_ENDPOINT_URL: `http://${hosts.services}`,
  AWS_ACCESS_KEY_ID: "AKIADRILL",
  AWS_SECRET_ACCESS_KEY: "drill",
};
