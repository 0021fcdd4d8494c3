import { decide } from "../../guard/decision";
import { known, said, type Known } from "./facts";

// What tests of the guard's decision share: importing it sets it up for each test of the file.

/** What the guard decides about; five healthy members, unless {@link clusterOf} says otherwise. */
export let situation: Known;

/** Puts a healthy cluster of this many members in the situation's place. */
export function clusterOf(count: number): void {
  situation = known(count);
}

beforeEach(() => clusterOf(5));

/** What the guard says about it. */
export const verdict = () => said(decide(situation));

/** Whose machine is about to go. */
export function target(member: string): void {
  situation.target = { ...situation.target, member, instance: `i-${member}` };
}

/** The balancer knows nothing of an address. */
export function unregistered(address: string): void {
  const states = Object.entries(situation.evidence.targetHealth).filter(([each]) => each !== address);
  situation.evidence.targetHealth = Object.fromEntries(states);
}
