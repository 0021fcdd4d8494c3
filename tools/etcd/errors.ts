/** etcd cannot be had; the message says why and what can be done. */
export class ToolError extends Error {}

/** One way does not lead to etcd on this machine; another may. */
export class Unavailable extends ToolError {}
