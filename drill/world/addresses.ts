/**
 * Addresses of hosts that are not machines of the stack, from the range for carriers (RFC 6598), which real VPCs do not
 * use for their subnets.
 */
export const hosts = {
  /** The computer itself: AWS' APIs, the mirror, DNS. */
  services: "100.100.0.1",
  balancer: "100.100.0.10",
  apiServer: "100.100.0.20",
  monitoring: "100.100.0.30",
  stranger: "100.100.0.66",
} as const;

/** Where EC2 tells machines about themselves. */
export const metadataAddress = "169.254.169.254";
