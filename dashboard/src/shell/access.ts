/** Bearer tokens for writing, where the platform does not run on loopback. They live as long as the browser's tab. */

export interface Access {
  name: string;
  title: string;
  /** The setting of the platform that it belongs to. */
  setting: string;
}

export const ACCESSES: readonly Access[] = [
  { name: "plan", title: "Executions and parties", setting: "REVEILLE_PLAN_TOKEN" },
  { name: "approval", title: "Approvals", setting: "REVEILLE_APPROVAL_TOKEN" },
  { name: "fleet", title: "Fleet and dead letters", setting: "REVEILLE_FLEET_TOKEN" },
];

const PATHS: readonly [string, string][] = [
  ["/api/v1/approvals", "approval"],
  ["/api/v1/deadletters", "fleet"],
  ["/api/v1/fleet", "fleet"],
  ["/api/v1/executions", "plan"],
  ["/api/v1/event-driven", "plan"],
];

export function tokenFor(method: string, path: string): string | null {
  if (method === "GET") return null;
  const found = PATHS.find(([begin]) => path.startsWith(begin));
  return found ? readToken(found[1]) : null;
}

export function readToken(name: string): string {
  return sessionStorage.getItem(`reveille.token.${name}`) ?? "";
}

export function keepToken(name: string, token: string): void {
  if (token) sessionStorage.setItem(`reveille.token.${name}`, token);
  else sessionStorage.removeItem(`reveille.token.${name}`);
}
