/** A tool cannot be had; the message says why and what can be done. */
export class ToolError extends Error {}

/** One way does not lead to it on this computer; another may. */
export class Unavailable extends ToolError {}
