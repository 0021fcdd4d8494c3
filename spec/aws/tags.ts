/**
 * AWS' limits of tags (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices,
 * and the patterns of IAM's, SSM's and Elastic Load Balancing's API references, which are the strictest of
 * those that the resources here have).
 */
export const tagLimits = { count: 50, key: 128, value: 256 } as const;

const characters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const charactersInWords = "letters, digits, spaces and _ . : / = + - @";

/** What Data Lifecycle Manager takes as a key (https://docs.aws.amazon.com/dlm/latest/APIReference/API_TagResource.html). */
export function isLifecycleTagKey(key: string): boolean {
  return /^[a-zA-Z0-9+\-=._:/]+$/.test(key);
}

/** What is wrong with one tag, or undefined. */
export function tagProblem(key: string, value: string): string | undefined {
  const lower = key.toLowerCase();
  if (lower.startsWith("aws:"))
    return "must not begin with aws:, in any case of its letters: those are AWS' own";
  if (lower.startsWith("etcd:"))
    return "must not begin with etcd:, in any case of its letters: those are this project's";
  if (lower === "name")
    return "every resource's Name is the project's, made of the cluster's name; IAM takes no second one in other letters: use another key";
  const wrong = (what: string, text: string, longest: number): string | undefined => {
    if (text.length > longest) return `the ${what} has ${text.length} characters; AWS takes ${longest}`;
    return characters.test(text)
      ? undefined
      : `the ${what} "${text}" has characters that AWS does not take: ${charactersInWords}`;
  };
  if (key === "") return "the key is empty; AWS wants one";
  return wrong("key", key, tagLimits.key) ?? wrong("value", value, tagLimits.value);
}

/** Keys that differ in the case of their letters alone: IAM takes them for one. */
export function likeAnother(keys: readonly string[]): { key: string; like: string }[] {
  return keys.flatMap((key, index) => {
    const like = keys.slice(0, index).find((other) => other.toLowerCase() === key.toLowerCase());
    return like === undefined ? [] : [{ key, like }];
  });
}
