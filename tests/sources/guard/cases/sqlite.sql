-- allow: months and shares
SELECT strftime('%Y-%m', placed_at) AS month, sum(total) AS revenue, round(100.0 * sum(total) / (SELECT sum(total) FROM orders), 1) AS share FROM orders GROUP BY month ORDER BY month

-- allow: dates moved by modifiers
SELECT id, date(placed_at, 'start of month', '+1 month', '-1 day'), julianday('2024-03-01') - julianday(placed_at), CAST(strftime('%w', placed_at) AS INTEGER), unixepoch(placed_at), datetime(placed_at, '+90 minutes') FROM orders ORDER BY id

-- allow: a recursive date spine
WITH RECURSIVE days(d) AS (SELECT '2024-01-01' UNION ALL SELECT date(d, '+1 day') FROM days WHERE d < '2024-01-15') SELECT d, count(o.id) FROM days LEFT JOIN orders o ON date(o.placed_at) = d GROUP BY d ORDER BY d

-- allow: recursion without the word, ended by LIMIT
WITH n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 25) SELECT sum(x) FROM n

-- allow: a hierarchy
WITH RECURSIVE chain AS (SELECT id, name, 0 AS depth FROM staff WHERE boss_id IS NULL UNION ALL SELECT s.id, s.name, depth + 1 FROM staff AS s, chain WHERE s.boss_id = chain.id) SELECT printf('%s%s', substr('........', 1, depth), name) FROM chain ORDER BY id

-- allow: double quotes around a text, as SQLite reads them
SELECT name FROM customers WHERE country = "DE" ORDER BY name

-- allow: double quotes around a column and an alias
SELECT "name" AS "the name" FROM "customers" ORDER BY "the name"

-- allow: brackets and backticks
SELECT [line no], `Qty`, "weird ""name" FROM [Order Lines] ORDER BY 1

-- allow: windows with every clause
SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY placed_at), ntile(2) OVER (ORDER BY total), first_value(id) OVER w, lead(total, 1, 0) OVER w, sum(total) FILTER (WHERE status = 'paid') OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM orders WINDOW w AS (ORDER BY id) ORDER BY id

-- allow: JSON
SELECT o.id, meta -> 'items', meta ->> '$.channel', json_extract(meta, '$.items[0].sku', '$.score'), json_array_length(meta, '$.items'), json_type(meta) FROM orders o ORDER BY o.id

-- allow: JSON opened up
SELECT o.id, i.value ->> 'sku', i.key FROM orders o JOIN json_each(o.meta, '$.items') i ORDER BY o.id, i.key

-- allow: JSON trees
SELECT count(*) FROM orders, json_tree(orders.meta) AS t WHERE t.type = 'text' AND t.fullkey LIKE '$.items%'

-- allow: JSON built
SELECT json_group_array(json_object('id', id, 'name', name)), json_group_object(name, country) FROM customers

-- allow: numbers of either kind
SELECT CAST('12' AS NUMERIC), CAST('12.5' AS NUMERIC), CAST(7 AS REAL), CAST('2024-01-01' AS DATE), CAST(3.9 AS INT), 7 / 2, 7 / 2.0, 7 % 3, 1e3, 0x1F, -9223372036854775807, CAST(65 AS TEXT), CAST(x'41' AS TEXT), typeof(CAST('1' AS DECIMAL(10, 2)))

-- allow: bits and booleans
SELECT 5 & 3, 5 | 3, ~5, 1 << 4, TRUE + TRUE, NOT 0, 1 == 1, 1 <> 2, 1 IS NOT 2, NULL IS NULL, NULL ISNULL, 1 NOTNULL, 2 NOT NULL

-- allow: precedence as the engine has it
SELECT 1 || 2 * 3, 2 + 3 || 4, NOT 1 = 2, - 3 || 4, 1 = 2 IS 0, 3 > 2 > 1, (1 IN (1, 2)) + 1, 5 - 3 IN (2), NOT 0 IN (0) = 0

-- allow: patterns
SELECT name FROM customers WHERE name LIKE '%a_%' ESCAPE '\' OR name GLOB '[B-D]*' OR name NOT LIKE 'x%' COLLATE NOCASE ORDER BY name COLLATE BINARY DESC

-- allow: the only row of the greatest
SELECT id, max(total), status FROM orders GROUP BY customer_id HAVING max(total) > 10 ORDER BY id

-- allow: scalar MIN and MAX
SELECT id, max(total, 50), min(total, 50), iif(total > 50, 'L', 'S'), ifnull(status, '?'), nullif(status, 'new'), coalesce(NULL, NULL, 3), total(total) FROM orders GROUP BY id ORDER BY id

-- allow: set operations are read from left to right
SELECT 1 UNION SELECT 2 UNION ALL SELECT 2 INTERSECT SELECT 2 EXCEPT SELECT 3 ORDER BY 1 LIMIT 5 OFFSET 0

-- allow: VALUES alone and as a table
VALUES (1, 'a'), (2, 'b')

-- allow: VALUES in WITH
WITH band(lo, hi, label) AS (VALUES (0, 50, 'small'), (50, 9999, 'large')) SELECT label, count(*) FROM orders JOIN band ON total >= lo AND total < hi GROUP BY label ORDER BY label

-- allow: joins of all kinds
SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id NATURAL LEFT JOIN (SELECT 1 AS one) CROSS JOIN (SELECT 2 AS two) ORDER BY 1, 2

-- allow: right and full joins
SELECT c.id, o.id FROM customers c FULL OUTER JOIN orders o ON o.customer_id = c.id ORDER BY c.id, o.id

-- allow: USING after a comma
SELECT count(*) FROM staff s, customers c JOIN orders o USING (id) WHERE s.id = c.id

-- allow: rows compared
SELECT id FROM orders WHERE (customer_id, status) IN (SELECT customer_id, status FROM orders WHERE total > 50) AND (id, 1) > (0, 0) ORDER BY id

-- allow: IN with a table's name
SELECT count(*) FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE country IN ('DE', 'FR'))

-- allow: LIMIT with its offset first
SELECT id FROM orders ORDER BY id LIMIT 1, 2

-- allow: LIMIT from arithmetic
SELECT id FROM orders ORDER BY id LIMIT 1 + 1

-- allow: no LIMIT is minus one
SELECT id FROM orders ORDER BY id LIMIT -1 OFFSET 1

-- allow: row numbers of the table
SELECT rowid, name FROM customers WHERE customers.rowid > 1 ORDER BY rowid

-- allow: the main database said out loud
SELECT main.customers.name FROM main.customers ORDER BY 1

-- allow: stars next to other columns
SELECT o.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id

-- allow: a star over a join that unites a column
SELECT * FROM customers JOIN (SELECT id, boss_id FROM staff) USING (id) ORDER BY id

-- allow: alias used early
SELECT total * 1.2 AS gross FROM orders WHERE gross > 60 GROUP BY gross HAVING gross > 1 ORDER BY gross

-- allow: text that looks like code
SELECT 'a''b; DELETE FROM orders', 'x' || char(10) || 'y' -- ; DROP TABLE x

-- allow: likelihood and small blobs
SELECT hex(zeroblob(4)), length(randomblob(8)), quote(name), unicode(name), instr(name, 'n'), trim(name, 'A'), replace(name, 'n', 'm'), upper(name) FROM customers WHERE likely(id > 0) ORDER BY id

-- deny not-a-query: a temporary view
CREATE TEMP VIEW v AS SELECT 1

-- deny not-a-query: replaced rows
REPLACE INTO customers VALUES (1, 'x')

-- deny not-a-query: a read-only pragma
PRAGMA table_info(customers)

-- deny unknown-function: a pragma in FROM
SELECT * FROM pragma_table_info('customers')

-- deny unreadable-table: a pragma without brackets
SELECT * FROM pragma_database_list

-- deny unreadable-table: the new name of the schema table
SELECT sql FROM sqlite_schema

-- deny unreadable-table: the schema table of a database
SELECT sql FROM main.sqlite_master

-- deny unreadable-table: the temporary schema
SELECT * FROM temp.sqlite_temp_master

-- deny unreadable-table: the schema table as a list
SELECT 1 IN sqlite_master

-- deny unreadable-table: the schema table as a list, qualified
SELECT name FROM customers WHERE (1, 2, 3, 4, 5) IN main.sqlite_master

-- deny unreadable-table: statistics and pages
SELECT * FROM dbstat

-- deny unknown-function: a virtual table's function
SELECT * FROM fts3tokenize('simple', 'x')

-- deny unknown-function: an FTS pointer
SELECT fts3_tokenizer('simple')

-- deny unknown-function: the connection's counters
SELECT last_insert_rowid() + changes()

-- deny unknown-function: how the library was built
SELECT sqlite_compileoption_get(1)

-- deny unknown-function: in a filter of a window
SELECT count(*) FILTER (WHERE load_extension('x')) OVER () FROM orders

-- deny unknown-function: in a row value in HAVING
SELECT 1 FROM orders GROUP BY id HAVING (1, writefile('a', 'b')) = (1, 2)

-- deny unknown-function: a quoted name
SELECT `load_extension`('x')

-- deny syntax: a parameter
SELECT * FROM customers WHERE id = ?1 AND name = @n AND :x

-- deny unknown-column: no such column
SELECT customers.password FROM customers

-- deny recursion: endless without the word
WITH n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT * FROM n LIMIT 5

-- deny recursion: it stands still
WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x FROM n WHERE x < 5) SELECT count(*) FROM n

-- deny recursion: a limit past all bounds
WITH n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 999999999) SELECT count(*) FROM n

-- deny size: a blob by arithmetic
SELECT length(zeroblob(1024 * 1024 * 1024))

-- deny size: a blob by a detour
SELECT zeroblob(length('x') * 1000000000)

-- deny size: a wide field
SELECT printf('%.*c', 1000000000, 'x')

-- deny series: open at the end
SELECT sum(value) FROM generate_series(1)

-- deny nesting: brackets upon brackets
SELECT ((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))

-- deny one-statement: a second statement
SELECT 1; PRAGMA query_only = OFF
