// Collections against plain maps: any order of changes, and none of them is seen by those who hold an older one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Collection } from "../src/collection.js";
import { worked } from "./support/worked.js";

const key = fc.nat(80).map(String);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key, value: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ key, value: fc.constant(undefined) }) },
);

describe("a collection", () => {
  it("holds what a map would hold, at every moment of its history", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
        const history: [Collection<number>, Map<string, number>][] = [];
        let [collection, map] = [Collection.empty<number>(), new Map<string, number>()];
        for (const { key, value } of changes) {
          collection = value === undefined ? collection.delete(key) : collection.set(key, value);
          map = new Map(map);
          if (value === undefined) map.delete(key);
          else map.set(key, value);
          history.push([collection, map]);
        }
        for (const [then, expected] of history) {
          expect(then.size).toBe(expected.size);
          expect([...then].sort()).toEqual([...expected.values()].sort());
          for (const [key, value] of expected) expect(then.get(key)).toBe(value);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("can be continued in two ways that do not see each other", () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), fc.array(change), (before, left, right) => {
        const common = applied(Collection.empty<number>(), before);
        const one = applied(common, left);
        const other = applied(common, right);
        expect([...one]).toEqual([...applied(applied(Collection.empty<number>(), before), left)]);
        expect([...other]).toEqual([...applied(applied(Collection.empty<number>(), before), right)]);
      }),
    );
  });

  it("keeps the order in which keys first came", () => {
    const collection = Collection.empty<string>().set("b", "B").set("a", "A").set("b", "B2").set("c", "C");
    expect([...collection]).toEqual(["B2", "A", "C"]);
    expect(collection.last()).toBe("C");
    expect(collection.delete("c").last()).toBe("A");
  });

  it("gives the same array until it changes", () => {
    const collection = Collection.empty<number>().set("a", 1);
    expect(collection.values()).toBe(collection.values());
  });

  it("takes a hundred thousand keys in moments", () => {
    let collection = Collection.empty<number>();
    const took = worked(() => {
      for (let count = 0; count < 100_000; count++) collection = collection.set(String(count), count);
      expect(collection.get("99999")).toBe(99_999);
      expect([...collection].length).toBe(100_000);
    });
    expect(took).toBeLessThan(2_000);
  });
});

function applied(collection: Collection<number>, changes: readonly { key: string; value: number | undefined }[]) {
  let changed = collection;
  for (const { key, value } of changes) {
    changed = value === undefined ? changed.delete(key) : changed.set(key, value);
  }
  return changed;
}
