import { expect, test } from "vitest";
import type { Me, Permission } from "../src/client/types.ts";
import { refusalOf } from "../src/ui/known.ts";

function somebody(name: string, ...permissions: Permission[]): Me {
  return { name, tenant: "default", roles: [], permissions, key_id: "", expires_at: null };
}

test("what somebody may is not refused, nor what needs nothing, nor anything before he is known", () => {
  expect(refusalOf(somebody("otto", "read", "plan"), "plan")).toBeNull();
  expect(refusalOf(somebody("eve", "read"), undefined)).toBeNull();
  expect(refusalOf(null, "plan")).toBeNull();
});

test("a refusal says who may not do what, and which roles do it", () => {
  const said = refusalOf(somebody("eve", "read"), "operate");
  expect(said).toBe("eve may not decide about dead letters: that is for the roles operator and admin.");
});

test("the owner of the machine is told that a key does what a token guards there", () => {
  expect(refusalOf(somebody("owner", "read", "plan"), "approve")).toContain("use one of the roles approver and admin");
});
