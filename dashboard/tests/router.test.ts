import { expect, test } from "vitest";
import { hrefOf, routeOf } from "../src/shell/router.ts";

test("an address leads back to where it was made", () => {
  const href = hrefOf(["executions", "a/b ü?#"], { q: "x & y", status: "" });
  const { path, query } = routeOf(href);
  expect(path).toEqual(["executions", "a/b ü?#"]);
  expect(Object.fromEntries(query)).toEqual({ q: "x & y" });
});

test("an address that nobody made is no crash", () => {
  expect(routeOf("").path).toEqual([]);
  expect(routeOf("#/a/%E0%A4%A/").path).toEqual(["a", "%E0%A4%A"]);
});
