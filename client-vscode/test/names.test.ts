import assert from "node:assert/strict";
import { test } from "node:test";
import { shortNames } from "../src/views/names";

test("names that fit stay as they are, whatever they share", () => {
  assert.deepEqual(shortNames(["SHOP-CART", "SHOP-SEARCH"]), ["SHOP-CART", "SHOP-SEARCH"]);
});

test("a long name loses its middle, so that its beginning and its end stay", () => {
  assert.deepEqual(shortNames(["a-very-long-name-of-a-feature", "b"], 15), ["a-ver…a-feature", "b"]);
});

test("words that all siblings begin with are left out where a name does not fit", () => {
  const names = ["payment-service-refunds", "payment-service-invoices"];
  assert.deepEqual(shortNames(names, 15), ["…refunds", "…invoices"]);
  assert.deepEqual(shortNames(["payment-service-refunds", "payments-of-last-year"], 15), [
    "payment…refunds",
    "payme…last-year",
  ]);
});

test("names that differ only in their middle are told apart", () => {
  const names = ["aaaaaaaaaaaa-first-zzzzzzzzzzzz", "aaaaaaaaaaaa-second-zzzzzzzzzzzz", "b"];
  const short = shortNames(names, 15);
  assert.equal(new Set(short).size, 3);
  assert.deepEqual(short, ["…first-zzzzzz…", "…second-zzzzz…", "b"]);
});

test("letters of two code units are not cut in half, and wide ones need their room", () => {
  const [name = ""] = shortNames(["🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀", "x"], 9);
  assert.match(name, /^🚀+…🚀+$/u);
  assert.ok([...name].length < 9);
});
