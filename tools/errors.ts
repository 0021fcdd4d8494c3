/** A tool is not available; the message says why and what to do. */
export class ToolError extends Error {}

/** One source does not have it on this computer; another may. */
export class Unavailable extends ToolError {}
