/**
 * Something that a recording cannot hold as the engine would make it. The user sees it without a stack trace: the
 * program is right, and its position explains nothing.
 */
export class Refusal extends Error {
  /**
   * @param subject the resource, function or option that it is about
   * @param reason why only the engine can know
   * @param wayOut what to do instead
   */
  constructor(subject: string, reason: string, wayOut: string) {
    super(`${subject}: ${reason}. Plans, reviews and rehearsals ask neither cloud nor plugin: ${wayOut}.`);
  }
}

/** A resource as a refusal names it. */
export function named({ type, name }: { type: string; name: string }): string {
  return `${type} "${name}"`;
}
