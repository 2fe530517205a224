import { expect, test } from "vitest";
import { Times } from "./times";

test("a habit without a time has no reminder", () => {
  expect(new Times().of("read")).toBeUndefined();
});
