import { fromBase64, readings } from "./forms";
import { at, notSeen, unknown, type Resource } from "./resource";

/** What a machine's user data brings to it. */
export interface UserData {
  /** The user data, and each text that is packed in it; none where the machine has no user data. */
  texts: string[];
  /** Why some of it, or all, cannot be read: `its user data holds gzip that cannot be undone`. */
  unread: string[];
}

/** A machine's user data, of `userData` or `userDataBase64`, in whichever form cloud-init or Ignition takes it. */
export function readUserData(resource: Resource): UserData {
  const { props } = resource;
  const given = at(props, "userDataBase64") || at(props, "userData");
  if (given === unknown) return { texts: [], unread: [notSeen(resource, "its user data")] };
  if (typeof given !== "string") return { texts: [], unread: [] };
  const known = read.get(given) ?? userDataOf(given);
  read.set(given, known);
  return known;
}

/** User data that was read, as several rules and machines read the same. */
const read = new Map<string, UserData>();

function userDataOf(given: string): UserData {
  // What the provider keeps of `userData` in the state, before its version 7.
  if (/^[0-9a-f]{40}$/.test(given))
    return { texts: [], unread: ["only the SHA-1 of its user data is in the state"] };
  const found = [...readings(fromBase64(given) ?? Buffer.from(given))];
  return {
    texts: found.flatMap((each) => ("text" in each ? each.text : [])),
    unread: found.flatMap((each) => ("unread" in each ? `its user data ${each.unread}` : [])),
  };
}
