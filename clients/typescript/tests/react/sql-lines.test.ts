// Queries in lines: how they look, and that they stay what they are.
import fc from "fast-check";
import { expect, it } from "vitest";
import { inLines } from "../../src/react/sql-lines.js";

it("gives each clause, join, condition and selected value a line of its own", () => {
  const query =
    'SELECT "o"."month", SUM("i"."price" * (1 - "i"."discount")) AS "revenue" FROM "orders" AS "o" ' +
    'LEFT JOIN "items" AS "i" ON "i"."id" = "o"."id" AND "i"."kind" = \'from, and (where)\' ' +
    'WHERE "o"."day" BETWEEN 1 AND 2 AND EXTRACT(YEAR FROM "o"."at") = 2025 GROUP BY "o"."month", 2 LIMIT 101';
  expect(inLines(query)).toBe(`SELECT "o"."month",
  SUM("i"."price" * (1 - "i"."discount")) AS "revenue"
FROM "orders" AS "o"
LEFT JOIN "items" AS "i" ON "i"."id" = "o"."id" AND "i"."kind" = 'from, and (where)'
WHERE "o"."day" BETWEEN 1 AND 2
  AND EXTRACT(YEAR FROM "o"."at") = 2025
GROUP BY "o"."month", 2
LIMIT 101`);
});

it("indents what is asked within a query", () => {
  const query =
    "WITH a AS (SELECT x, LEFT(y, 2) FROM t WHERE y IN (SELECT z FROM u)) SELECT x FROM a UNION ALL SELECT 1";
  expect(inLines(query)).toBe(`WITH a AS (
  SELECT x,
    LEFT(y, 2)
  FROM t
  WHERE y IN (
    SELECT z
    FROM u
  )
)
SELECT x
FROM a
UNION ALL
SELECT 1`);
});

it.each([
  ["short ones", "SELECT 1 FROM t"],
  ["ones that have lines", `SELECT ${"x, ".repeat(40)}y\nFROM t`],
  ["strings that may go on", `SELECT '\\' FROM t', ${"x, ".repeat(40)}y FROM t`],
  ["quotes that never end", `SELECT ' FROM t, ${"x, ".repeat(40)}y FROM t`],
  ["what is no SQL", `[{"$match": {"from": "where", "select": [${"1, ".repeat(40)}2]}}]`],
])("leaves %s as they are", (_, query) => expect(inLines(query)).toBe(query));

it("changes nothing but white space between words", () => {
  const word = fc.constantFrom(
    ...["SELECT", "FROM", "WHERE", "AND", "BETWEEN", "LEFT", "JOIN", "(", ")", ",", "x", "UNION"],
    ...["'a  from  b'", '"sel  ect,  x"'],
  );
  const words = (sql: string) => sql.match(/'[^']*'|"[^"]*"|\S+/g);
  fc.assert(
    fc.property(fc.array(word, { minLength: 15, maxLength: 60 }), (some) => {
      const query = some.join(" ");
      expect(words(inLines(query))).toEqual(words(query));
    }),
  );
});
