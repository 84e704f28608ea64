import { createContext, useContext } from "react";
import type { Me, Permission } from "../client/types";

/** Who looks at the page; null: nobody has said, and whatever is tried is the platform's to refuse. */
export const Known = createContext<Me | null>(null);

/** What is done on the page, in words, and which roles do it: as the platform's own refusals say. */
const ACTS: Partial<Record<Permission, readonly [act: string, roles: string]>> = {
  plan: ["start or change plans", "operator and admin"],
  operate: ["decide about dead letters", "operator and admin"],
  approve: ["answer what is asked", "approver and admin"],
};
/** Where nobody has to sign in. A token of the settings may guard an act there all the same. */
export const OWNER = "owner";

/** Why whoever looks may not do this; null: he may. */
export function useRefusal(needs: Permission | undefined): string | null {
  return refusalOf(useContext(Known), needs);
}

export function refusalOf(me: Me | null, needs: Permission | undefined): string | null {
  if (!needs || !me || me.permissions.includes(needs)) return null;
  const [act, roles] = ACTS[needs] ?? [needs, "admin"];
  if (me.name === OWNER) return `To ${act} takes a key here: use one of the roles ${roles}, under Access.`;
  return `${me.name} may not ${act}: that is for the roles ${roles}.`;
}
