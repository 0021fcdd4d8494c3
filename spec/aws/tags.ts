/**
 * AWS' limits on tags
 * (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices,
 * and the patterns in the API references of IAM, SSM and Elastic Load Balancing, the strictest of those that apply
 * here).
 */
export const tagLimits = { count: 50, key: 128, value: 256 } as const;

const characters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const charactersInWords = "letters, digits, spaces and _ . : / = + - @";

/** Whether Data Lifecycle Manager accepts the key (https://docs.aws.amazon.com/dlm/latest/APIReference/API_TagResource.html). */
export function isLifecycleTagKey(key: string): boolean {
  return /^[a-zA-Z0-9+\-=._:/]+$/.test(key);
}

/** What is wrong with one tag, or undefined. */
export function tagProblem(key: string, value: string): string | undefined {
  const lower = key.toLowerCase();
  if (lower.startsWith("aws:"))
    return "must not begin with aws:, in upper or lower case: such keys belong to AWS";
  if (lower.startsWith("etcd:"))
    return "must not begin with etcd:, in upper or lower case: such keys belong to this project";
  if (lower === "name")
    return "this project sets every resource's Name, and IAM accepts no second key that differs only in case: use another key";
  const wrong = (what: string, text: string, longest: number): string | undefined => {
    if (text.length > longest) return `the ${what} has ${text.length} characters; AWS takes ${longest}`;
    return characters.test(text)
      ? undefined
      : `the ${what} "${text}" has characters that AWS does not allow; it allows ${charactersInWords}`;
  };
  if (key === "") return "the key is empty; AWS requires one";
  return wrong("key", key, tagLimits.key) ?? wrong("value", value, tagLimits.value);
}

/** Keys that differ only in case: IAM treats them as the same key. */
export function likeAnother(keys: readonly string[]): { key: string; like: string }[] {
  return keys.flatMap((key, index) => {
    const like = keys.slice(0, index).find((other) => other.toLowerCase() === key.toLowerCase());
    return like === undefined ? [] : [{ key, like }];
  });
}
