import { fromBase64, readings } from "./forms";
import { at, notSeen, unknown, type Resource } from "./resource";

/** What a machine's user data gives it. */
export interface UserData {
  /** The user data, and each text packed inside it; none if the machine has no user data. */
  texts: string[];
  /** Why some of it, or all, cannot be read: `its user data holds gzip that cannot be unpacked`. */
  unread: string[];
}

/** A machine's user data, from `userData` or `userDataBase64`, in whichever form cloud-init or Ignition takes it. */
export function readUserData(resource: Resource): UserData {
  const { props } = resource;
  const given = at(props, "userDataBase64") || at(props, "userData");
  if (given === unknown) return { texts: [], unread: [notSeen(resource, "its user data")] };
  if (typeof given !== "string") return { texts: [], unread: [] };
  const known = read.get(given) ?? userDataOf(given);
  read.set(given, known);
  return known;
}

/** User data already read: several rules and machines read the same one. */
const read = new Map<string, UserData>();

function userDataOf(given: string): UserData {
  // Before its version 7, the provider kept only this of `userData` in the state.
  if (/^[0-9a-f]{40}$/.test(given))
    return { texts: [], unread: ["only the SHA-1 of its user data is in the state"] };
  const found = [...readings(fromBase64(given) ?? Buffer.from(given))];
  return {
    texts: found.flatMap((each) => ("text" in each ? each.text : [])),
    unread: found.flatMap((each) => ("unread" in each ? `its user data ${each.unread}` : [])),
  };
}
